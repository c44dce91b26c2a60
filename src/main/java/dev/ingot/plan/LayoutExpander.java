// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.arch.LayerName;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.config.ParameterMap;
import dev.ingot.config.ParameterResolver;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MethodSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;

/** Turns a layout into one assignment per output tensor. */
final class LayoutExpander {
    private final MergeConfig config;
    private final MethodSpec method;
    private final SequencedMap<ModelReference, Checkpoint> models;
    private final Architecture architecture;
    private final LeftOut leftOut = new LeftOut();

    /**
     * All output tensors.
     *
     * @param assignments in any order
     * @param layerCount  number of layers where slices were assembled
     * @param warnings    what was left out
     */
    record Expansion(List<Assignment> assignments, OptionalInt layerCount, List<String> warnings) {}

    LayoutExpander(
            MergeConfig config,
            MethodSpec method,
            SequencedMap<ModelReference, Checkpoint> models,
            Architecture architecture) {
        this.config = config;
        this.method = method;
        this.models = models;
        this.architecture = architecture;
    }

    Expansion expand() {
        return switch (config.layout()) {
            case Layout.Models layout -> new Expansion(ofModels(layout), OptionalInt.empty(), leftOut.warnings());
            case Layout.Slices layout -> {
                SliceAssembler assembler = new SliceAssembler(config, method, models, architecture, leftOut);
                List<Assignment> assignments = assembler.assemble(layout);
                yield new Expansion(assignments, OptionalInt.of(assembler.layers()), leftOut.warnings());
            }
            case Layout.Modules layout -> throw new ConfigException(
                    "the modules layout is not supported ("
                            + layout.modules().values().iterator().next().position() + ")",
                    "use 'models', which merges the tensors of all modules by name");
        };
    }

    private List<Assignment> ofModels(Layout.Models layout) {
        List<ModelReference> members = new ArrayList<>();
        layout.models().forEach(entry -> members.add(entry.model()));
        Optional<ModelReference> base = config.baseModel();
        if (method.base() != MethodSpec.BaseRole.UNUSED) {
            base.filter(model -> !members.contains(model)).ifPresent(members::add);
        }
        ModelReference template = base.filter(members::contains).orElse(members.getFirst());
        ParameterResolver resolver = ParameterResolver.of(layout, ParameterMap.EMPTY, config.parameters());
        Map<String, Integer> depths = depths(models.get(template));
        List<Assignment> assignments = new ArrayList<>();
        for (String name : names(members, template)) {
            List<Assignment.Source> sources = members.stream()
                    .map(model -> new Assignment.Source(model, name))
                    .toList();
            assignments.add(new Assignment(name, position(name, depths), sources, base, resolver));
        }
        return assignments;
    }

    private Set<String> names(List<ModelReference> members, ModelReference template) {
        Set<String> names = names(
                models.get(template), members.stream().map(models::get).toList(), architecture);
        for (ModelReference member : members) {
            leftOut.note(member, template, models.get(member).tensors().keySet(), names);
        }
        return names;
    }

    /** The template's tensors, and heads that only some models store: the others' embeddings stand in for them. */
    static Set<String> names(Checkpoint template, Collection<Checkpoint> members, Architecture architecture) {
        Set<String> names = new LinkedHashSet<>(template.tensors().keySet());
        for (Architecture.TiedHead tied : architecture.tiedHeads()) {
            if (names.contains(tied.embedding())
                    && members.stream().anyMatch(member -> member.find(tied.head()).isPresent())) {
                names.add(tied.head());
            }
        }
        return names;
    }

    /** Number of layers of each stack. */
    private static Map<String, Integer> depths(Checkpoint checkpoint) {
        Map<String, Integer> depths = new HashMap<>();
        for (String name : checkpoint.tensors().keySet()) {
            LayerName.parse(name).ifPresent(layer -> depths.merge(layer.prefix(), layer.layer() + 1, Math::max));
        }
        return depths;
    }

    private static double position(String name, Map<String, Integer> depths) {
        return LayerName.parse(name)
                .map(layer -> depth(layer.layer(), depths.getOrDefault(layer.prefix(), layer.layer() + 1)))
                .orElse(0.0);
    }

    /** Relative depth of a layer; a single layer lies at the end. */
    static double depth(int layer, int layers) {
        return layers > 1 ? (double) layer / (layers - 1) : 1;
    }
}
