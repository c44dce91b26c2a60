// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Role;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.ModelReference;
import dev.ingot.method.MergeMethod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Leaves models out of the tensors that have another shape there than in the base model, where the method allows it. Embeddings
 * and heads, whose rows are tokens, are not its business.
 */
final class OtherShapes {
    /** A model's first tensor that was left out, and how many there are. */
    private record Left(TensorRef tensor, TensorRef base, int count) {}

    private final boolean allowed;
    private final TensorLookup lookup;
    private final SequencedMap<ModelReference, Left> left = new LinkedHashMap<>();

    OtherShapes(MergeMethod method, TensorLookup lookup) {
        this.allowed = method.leavesOutOtherShapes();
        this.lookup = lookup;
    }

    /** The tensors that have the base's shape, or all. */
    List<TensorResolver.Found> leaveOut(Assignment assignment, List<TensorResolver.Found> all) {
        Optional<TensorRef> base = assignment.base().filter(model -> allowed && !isEmbedding(model, assignment.name()))
                .flatMap(model -> all.stream().filter(found -> found.source().model().equals(model)).findFirst())
                .map(TensorResolver.Found::tensor);
        if (base.isEmpty()) {
            return all;
        }
        List<TensorResolver.Found> fitting = new ArrayList<>();
        for (TensorResolver.Found found : all) {
            if (found.tensor().shape().equals(base.get().shape())) {
                fitting.add(found);
            } else {
                left.merge(
                        found.source().model(),
                        new Left(found.tensor(), base.get(), 1),
                        (first, next) -> new Left(first.tensor(), first.base(), first.count() + 1));
            }
        }
        return fitting;
    }

    private boolean isEmbedding(ModelReference model, String name) {
        Role role = lookup.place(model, name).role();
        return role == Role.EMBEDDING || role == Role.HEAD;
    }

    /** One line per model. */
    List<String> warnings() {
        return left.entrySet().stream()
                .map(entry -> "model " + entry.getKey() + ": " + entry.getValue().count()
                        + " tensors whose shapes differ from the base model's are left out, such as "
                        + Printable.quote(entry.getValue().tensor().name()) + ", " + entry.getValue().tensor().shape()
                        + " instead of " + entry.getValue().base().shape())
                .toList();
    }
}
