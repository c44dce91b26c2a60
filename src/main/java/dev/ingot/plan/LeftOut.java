// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.config.ModelReference;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** Collects the tensors that the output does not get because the model that decides on its tensors lacks them. */
final class LeftOut {
    private record Pair(ModelReference model, ModelReference template) {}

    private final SequencedMap<Pair, SortedSet<String>> tensors = new LinkedHashMap<>();

    /** Notes those of a model's tensors that are not used beside a template. */
    void note(ModelReference model, ModelReference template, Collection<String> candidates, Collection<String> used) {
        List<String> extra = candidates.stream().filter(name -> !used.contains(name)).toList();
        if (!extra.isEmpty()) {
            tensors.computeIfAbsent(new Pair(model, template), pair -> new TreeSet<>()).addAll(extra);
        }
    }

    /** One line per pair of models. */
    List<String> warnings() {
        return tensors.entrySet().stream()
                .map(entry -> "model " + entry.getKey().model() + ": " + entry.getValue().size() + " tensors that "
                        + entry.getKey().template() + " does not have are left out, such as " + entry.getValue().first())
                .toList();
    }
}
