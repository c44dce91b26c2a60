// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.arch.Families;
import dev.ingot.arch.Place;
import dev.ingot.arch.Tie;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.checkpoint.TensorSample;
import dev.ingot.config.ModelReference;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/** Finds tensors by what they are: under other spellings of their names, and under the names that they are tied to. */
final class TensorLookup {
    private record Question(ModelReference model, Tie tie) {}

    private final Families families;
    private final Architecture architecture;
    private final Map<ModelReference, ModelTensors> models = new LinkedHashMap<>();
    private final Map<ModelReference, Integer> numbers = new HashMap<>();
    private final Map<Question, Boolean> owned = new HashMap<>();

    /**
     * Looks names up by the architecture of the donor, or of the first model with a description where the donor has none.
     *
     * @param donor the model whose config.json the output gets
     */
    TensorLookup(SequencedMap<ModelReference, Checkpoint> checkpoints, ModelReference donor, Families families) {
        this.families = families;
        Map<ModelReference, Optional<ModelConfig>> configs = new HashMap<>();
        checkpoints.forEach((model, checkpoint) -> configs.put(model, checkpoint.configJson().map(ModelConfig::read)));
        checkpoints.keySet().forEach(model -> numbers.put(model, numbers.size()));
        architecture = Stream.concat(Stream.of(donor), checkpoints.keySet().stream())
                .map(model -> families.of(
                        configs.get(model),
                        model.overrideArchitecture(),
                        checkpoints.get(model).tensors().keySet()))
                .filter(Architecture::isDescribed)
                .findFirst()
                .orElseGet(() -> families.of(
                        Optional.empty(), Optional.empty(), checkpoints.get(donor).tensors().keySet()));
        checkpoints.forEach(
                (model, checkpoint) -> models.put(model, new ModelTensors(checkpoint, configs.get(model), architecture)));
    }

    Architecture architecture() {
        return architecture;
    }

    ModelTensors of(ModelReference model) {
        return models.get(model);
    }

    /** Which of all models this is, in the order of the recipe. */
    int number(ModelReference model) {
        return numbers.get(model);
    }

    /** Where a tensor belongs; the model need not have it. */
    Place place(ModelReference model, String name) {
        Place known = models.get(model).places().get(name);
        return known == null ? architecture.place(name) : known;
    }

    /** A model's tensor, or the one that it is tied to. */
    Optional<TensorRef> resolve(ModelReference model, String name) {
        ModelTensors tensors = models.get(model);
        return tensors.find(name).or(() -> {
            String canonical = architecture.canonical(name);
            return architecture.ties().stream()
                    .flatMap(tie -> standIns(model, tie, canonical))
                    .flatMap(other -> tensors.find(other).stream())
                    .findFirst();
        });
    }

    private Stream<String> standIns(ModelReference model, Tie tie, String name) {
        if (tie.tensor().equals(name)) {
            return Stream.concat(
                    Stream.of(tie.source()),
                    architecture.ties().stream()
                            .filter(other -> other.source().equals(tie.source()) && isTied(model, other))
                            .map(Tie::tensor));
        }
        return tie.source().equals(name) && isTied(model, tie) ? Stream.of(tie.tensor()) : Stream.empty();
    }

    /** Whether the model's config.json makes the two tensors one, as far as is known. */
    boolean isTied(ModelReference model, Tie tie) {
        return tie.always() || models.get(model).config().flatMap(families::tied).orElse(false);
    }

    /** Whether config.json need not say that heads are tied. */
    boolean isTiedByDefault(ModelReference model) {
        return models.get(model).config().flatMap(families::tiedByDefault).orElse(false);
    }

    /** Whether config.json, as far as is known, says that heads are not tied. */
    boolean isUntied(ModelReference model) {
        return models.get(model).config().flatMap(families::tied).filter(tied -> !tied).isPresent();
    }

    /** Whether the model has this tensor, stored or as another name of its source. */
    boolean provides(ModelReference model, Tie tie) {
        return models.get(model).find(tie.tensor()).isPresent()
                || !tie.always()
                        && isTied(model, tie)
                        && models.get(model).config().filter(families::mayHaveHead).isPresent();
    }

    /** Whether the model has a tensor of its own under the name that is tied: one that it stores, and not a copy. */
    boolean owns(ModelReference model, Tie tie) {
        return owned.computeIfAbsent(new Question(model, tie), question -> {
            Optional<TensorRef> tensor = models.get(model).find(tie.tensor());
            Optional<TensorRef> source = models.get(model).find(tie.source());
            boolean copy = tensor.isPresent()
                    && source.isPresent()
                    && isTied(model, tie)
                    && TensorSample.agrees(tensor.get(), source.get());
            return tensor.isPresent() && source.isPresent() && !copy;
        });
    }
}
