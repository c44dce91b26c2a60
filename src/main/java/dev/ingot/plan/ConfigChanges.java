// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.arch.LayerTypes;
import dev.ingot.arch.ModelModule;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.error.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** What the donor's config.json must say otherwise, because the output has other layers or tied heads than the donor. */
final class ConfigChanges {
    private static final String LAYER_TYPES = "layer_types";

    private final TensorLookup lookup;
    private final Architecture architecture;
    private final ModelReference donor;
    private final Optional<ModelConfig> config;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final List<String> warnings = new ArrayList<>();

    ConfigChanges(TensorLookup lookup, ModelReference donor) {
        this.lookup = lookup;
        this.architecture = lookup.architecture();
        this.donor = donor;
        this.config = lookup.of(donor).config();
    }

    /** New values by key, dots between levels. */
    Map<String, Object> values() {
        return values;
    }

    List<String> warnings() {
        return warnings;
    }

    /** A module got these layers. */
    void stack(ModelModule module, List<SliceAssembler.Origin> layers) {
        if (module.countKeys().isEmpty()) {
            warnings.add("which key of config.json holds the number of layers of module '" + module.name()
                    + "' is not known: set it to " + layers.size());
            return;
        }
        setCount(module, layers.size());
        for (ModelModule other : architecture.modules()) {
            // A count that is absent may follow that of another module, as T5's decoder follows its encoder.
            int depth = lookup.of(donor).depth(other);
            if (!other.equals(module) && depth > 0 && !other.countKeys().isEmpty() && present(other).isEmpty()) {
                values.putIfAbsent(other.countKeys().getFirst(), depth);
            }
        }
        String key = present(module).stream().findFirst().orElse(module.countKeys().getFirst());
        String parent = key.substring(0, key.lastIndexOf('.') + 1);
        architecture.perLayerKeys().forEach(name -> perLayer(parent, name, layers));
        architecture.layerIndexKeys().forEach(name -> layerNumbers(parent + name, layers));
        architecture.leadingLayerKeys().forEach(name -> leading(parent + name, layers));
        for (String name : architecture.extraLayerKeys()) {
            if (config.flatMap(json -> json.integer(parent + name)).orElse(0L) > 0) {
                values.put(parent + name, 0);
                warnings.add("layers of multi-token prediction are left out, and " + parent + name + " is set to 0");
            }
        }
    }

    private void setCount(ModelModule module, int layers) {
        List<String> keys = present(module);
        (keys.isEmpty() ? module.countKeys().subList(0, 1) : keys).forEach(key -> values.put(key, layers));
    }

    private List<String> present(ModelModule module) {
        return module.countKeys().stream().filter(key -> config.filter(json -> json.contains(key)).isPresent()).toList();
    }

    private Optional<ModelConfig> configOf(SliceAssembler.Origin layer) {
        return lookup.of(layer.model()).config();
    }

    private boolean anyHas(String key, List<SliceAssembler.Origin> layers) {
        return config.filter(json -> json.contains(key)).isPresent()
                || layers.stream().anyMatch(layer -> configOf(layer).filter(json -> json.contains(key)).isPresent());
    }

    private void perLayer(String parent, String name, List<SliceAssembler.Origin> layers) {
        String key = parent + name;
        boolean types = name.equals(LAYER_TYPES);
        boolean listed = anyHas(key, layers);
        if (!listed && !(types && rule(config, parent).isPresent())) {
            return;
        }
        List<Object> list = new ArrayList<>();
        for (SliceAssembler.Origin layer : layers) {
            Optional<Object> value = configOf(layer)
                    .flatMap(json -> json.list(key))
                    .filter(values -> values.size() > layer.layer())
                    .<Object>map(values -> values.get(layer.layer()))
                    .or(() -> types ? ruled(configOf(layer), parent, layer.layer()) : Optional.empty());
            if (value.isEmpty()) {
                warnings.add("config.json of " + layer.model() + " has no entry of " + key + " for layer " + layer.layer()
                        + ": correct the list in the output");
                return;
            }
            list.add(value.get());
        }
        List<Optional<Object>> byRule = IntStream.range(0, layers.size())
                .mapToObj(number -> ruled(config, parent, number))
                .toList();
        if (listed || !byRule.equals(list.stream().map(Optional::of).toList())) {
            values.put(key, list);
        }
    }

    private Optional<Object> ruled(Optional<ModelConfig> json, String parent, int layer) {
        return rule(json, parent)
                .map(rule -> rule.of(layer, json.get().integer(parent + rule.periodKey()).orElse(rule.period())));
    }

    private Optional<LayerTypes> rule(Optional<ModelConfig> json, String parent) {
        return json.flatMap(values -> values.string(parent + "model_type")).flatMap(architecture::layerTypes);
    }

    private void layerNumbers(String key, List<SliceAssembler.Origin> layers) {
        if (anyHas(key, layers)) {
            values.put(
                    key,
                    IntStream.range(0, layers.size())
                            .filter(number -> configOf(layers.get(number))
                                    .flatMap(json -> json.list(key))
                                    .filter(list -> list.contains((long) layers.get(number).layer()))
                                    .isPresent())
                            .boxed()
                            .toList());
        }
    }

    private void leading(String key, List<SliceAssembler.Origin> layers) {
        if (!anyHas(key, layers)) {
            return;
        }
        List<Boolean> leading = layers.stream()
                .map(layer -> layer.layer() < configOf(layer).flatMap(json -> json.integer(key)).orElse(0L))
                .toList();
        int count = (int) leading.stream().takeWhile(differs -> differs).count();
        if (leading.subList(count, leading.size()).contains(true)) {
            throw new ConfigException(
                    "layer " + (count + leading.subList(count, leading.size()).indexOf(true)) + " of the stack is one of the "
                            + key + " first layers of " + donor + ", which config.json cannot express behind layer " + count,
                    "take those layers in the first slice only");
        }
        values.put(key, count);
    }

    /** The output stores heads, or leaves them out. */
    void tie(TiedNames tied) {
        if (config.isEmpty()) {
            return;
        }
        ModelConfig json = config.get();
        for (String key : architecture.tieKeys()) {
            Optional<Boolean> found = json.bool(key);
            int dot = key.lastIndexOf('.');
            boolean reachable = dot < 0 || json.hasObject(key.substring(0, dot));
            boolean byDefault = found.isEmpty() && reachable && lookup.isTiedByDefault(donor);
            if (tied.untied() && (found.orElse(false) || byDefault)) {
                values.put(key, false);
            } else if (tied.tied() && lookup.isUntied(donor) && (found.isPresent() || dot < 0)) {
                values.put(key, true);
            }
        }
    }
}
