// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.arch.ModelModule;
import dev.ingot.arch.Place;
import dev.ingot.arch.Role;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.TensorRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/** One model's tensors by place and by canonical name. */
final class ModelTensors {
    private record Layer(String module, int number) {}

    private final Checkpoint checkpoint;
    private final Optional<ModelConfig> config;
    private final Architecture architecture;
    private final SequencedMap<String, Place> places = new LinkedHashMap<>();
    private final Map<String, String> byCanonicalName = new HashMap<>();
    private final Map<Layer, List<String>> layers = new HashMap<>();
    private final Map<String, Integer> depths = new HashMap<>();

    ModelTensors(Checkpoint checkpoint, Optional<ModelConfig> config, Architecture architecture) {
        this.checkpoint = checkpoint;
        this.config = config;
        this.architecture = architecture;
        for (String name : checkpoint.tensors().keySet()) {
            Place place = architecture.place(name);
            places.put(name, place);
            byCanonicalName.putIfAbsent(architecture.canonical(name), name);
            place.layer().ifPresent(layer -> {
                String module = place.module().name();
                layers.computeIfAbsent(new Layer(module, layer.layer()), key -> new ArrayList<>()).add(name);
                depths.merge(module, layer.layer() + 1, Math::max);
            });
        }
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    /** Its config.json, if there is one. */
    Optional<ModelConfig> config() {
        return config;
    }

    /** All tensors and their places, by name. */
    SequencedMap<String, Place> places() {
        return places;
    }

    Set<String> names() {
        return places.keySet();
    }

    /** Names of a layer's tensors. */
    List<String> layer(ModelModule module, int number) {
        return layers.getOrDefault(new Layer(module.name(), number), List.of());
    }

    /** The tensor of this name in any spelling. */
    Optional<TensorRef> find(String name) {
        return checkpoint.find(name).or(() -> Optional.ofNullable(byCanonicalName.get(architecture.canonical(name)))
                .flatMap(checkpoint::find));
    }

    /** How many numbered layers there are, those of multi-token prediction behind the last one included. */
    int storedLayers(ModelModule module) {
        return depths.getOrDefault(module.name(), 0);
    }

    /** Number of layers as config.json has it, unless the checkpoint has fewer. */
    int depth(ModelModule module) {
        int stored = storedLayers(module);
        return config.flatMap(json -> module.countKeys().stream().flatMap(key -> json.integer(key).stream()).findFirst())
                .filter(count -> count > 0 && count < stored)
                .map(Long::intValue)
                .orElse(stored);
    }

    /** Whether a tensor is learned, so that leaving it out is worth a word. */
    boolean isLearned(String name) {
        return places.get(name).role() != Role.BUFFER;
    }
}
