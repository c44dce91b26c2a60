// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.Companion;
import dev.ingot.config.ModelReference;
import dev.ingot.error.CheckpointException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Finds the tensors of companions, which stand behind those of the merged models. Not thread-safe: it counts what is missing. */
final class CompanionTensors {
    private record Pair(Companion companion, ModelReference checkpoint, ModelReference model) {}

    /** How many of a model's tensors a companion has been asked for and lacks, and the first of these. */
    private record Lack(int asked, int missing, Optional<String> first) {
        Lack and(Lack other) {
            return new Lack(asked + other.asked, missing + other.missing, first.or(other::first));
        }
    }

    /**
     * The companions of an output tensor.
     *
     * @param tensors in the order of their numbers
     * @param numbers for each merged model the places of its companions, counted from the first merged model
     */
    record Behind(List<TensorRef> tensors, List<Map<Companion, Integer>> numbers) {}

    private final Map<ModelReference, ModelTensors> checkpoints = new LinkedHashMap<>();
    private final SequencedMap<Pair, Lack> lacks = new LinkedHashMap<>();

    /** @param architecture that of the merged models, by which other spellings of names are known */
    CompanionTensors(SequencedMap<ModelReference, Checkpoint> checkpoints, Architecture architecture) {
        checkpoints.forEach((reference, checkpoint) ->
                this.checkpoints.put(reference, new ModelTensors(checkpoint, Optional.empty(), architecture)));
    }

    /**
     * Those of the merged models of a tensor. A model whose companion lacks the tensor has none there.
     *
     * @throws CheckpointException if one has another shape than the model's tensor, holds no floats, or would have to follow rows
     *                             that are put together by token
     */
    Behind behind(Assignment assignment, List<TensorResolver.Found> members, boolean gathered) {
        List<TensorRef> tensors = new ArrayList<>();
        List<Map<Companion, Integer>> numbers = new ArrayList<>();
        for (TensorResolver.Found member : members) {
            Map<Companion, Integer> own = new EnumMap<>(Companion.class);
            assignment.companions(member.source().model()).forEach((companion, input) -> {
                Pair pair = new Pair(companion, input.checkpoint(), member.source().model());
                find(pair, member).ifPresent(tensor -> {
                    check(pair, tensor, member.tensor(), gathered);
                    own.put(companion, members.size() + tensors.size());
                    tensors.add(tensor);
                });
            });
            numbers.add(own);
        }
        return new Behind(tensors, numbers);
    }

    /** The tensor of the name that the model is asked for, else of that which stands in for it there. */
    private Optional<TensorRef> find(Pair pair, TensorResolver.Found member) {
        ModelTensors checkpoint = checkpoints.get(pair.checkpoint());
        String name = member.source().tensor();
        Optional<TensorRef> found = checkpoint.find(name).or(() -> checkpoint.find(member.tensor().name()));
        Lack lack = found.isPresent() ? new Lack(1, 0, Optional.empty()) : new Lack(1, 1, Optional.of(name));
        lacks.merge(pair, lack, Lack::and);
        return found;
    }

    private static void check(Pair pair, TensorRef tensor, TensorRef model, boolean gathered) {
        String what = tensor.file() + ": tensor " + Printable.quote(tensor.name()) + " of the " + pair.companion().key();
        if (!tensor.shape().equals(model.shape())) {
            throw new CheckpointException(
                    what + " has shape " + tensor.shape() + ", but " + model.shape() + " in " + model.file(),
                    "use a checkpoint that was made for model " + pair.model());
        }
        if (!tensor.dtype().mergeable()) {
            throw new CheckpointException(
                    what + " is of type " + tensor.dtype(), "store it as floats, of any type that models have");
        }
        if (gathered) {
            throw new CheckpointException(
                    what + " has the rows of its model, which are put together by token",
                    "remove the tensor from the " + pair.companion().key() + ", or the tokenizer setting");
        }
    }

    /** One line per companion that lacks tensors. */
    List<String> warnings() {
        return lacks.entrySet().stream()
                .filter(entry -> entry.getValue().missing() > 0)
                .map(entry -> entry.getKey().companion().key() + " " + entry.getKey().checkpoint() + " of model "
                        + entry.getKey().model() + ": " + entry.getValue().missing() + " of " + entry.getValue().asked()
                        + " merged tensors are not there, such as " + Printable.quote(entry.getValue().first().orElseThrow()))
                .toList();
    }
}
