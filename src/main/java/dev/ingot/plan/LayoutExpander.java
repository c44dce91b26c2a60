// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.ModelModule;
import dev.ingot.arch.Place;
import dev.ingot.arch.Role;
import dev.ingot.arch.Tie;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.config.ParameterMap;
import dev.ingot.config.ParameterResolver;
import dev.ingot.method.MethodSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Turns a layout into one assignment per output tensor. */
final class LayoutExpander {
    private final MergeConfig config;
    private final MethodSpec method;
    private final TensorLookup lookup;
    private final ModelReference donor;
    private final LeftOut leftOut = new LeftOut();
    private final List<String> warnings = new ArrayList<>();

    /**
     * All output tensors.
     *
     * @param assignments   in any order
     * @param configChanges values of config.json that follow from them, by key
     * @param warnings      what was left out
     */
    record Expansion(List<Assignment> assignments, Map<String, Object> configChanges, List<String> warnings) {}

    /** @param donor the model whose config.json the output gets */
    LayoutExpander(MergeConfig config, MethodSpec method, TensorLookup lookup, ModelReference donor) {
        this.config = config;
        this.method = method;
        this.lookup = lookup;
        this.donor = donor;
    }

    Expansion expand() {
        ConfigChanges changes = new ConfigChanges(lookup, donor);
        List<Assignment> assignments =
                switch (config.layout()) {
                    case Layout.OfModule layout -> ofModule(layout, ModuleScope.WHOLE, changes);
                    case Layout.Modules layout -> ofModules(layout, changes);
                };
        TiedNames tied = TiedNames.settle(assignments, lookup);
        changes.tie(tied);
        warnings.addAll(leftOut.warnings());
        warnings.addAll(tied.warnings());
        warnings.addAll(changes.warnings());
        return new Expansion(tied.assignments(), changes.values(), warnings);
    }

    private List<Assignment> ofModule(Layout.OfModule layout, ModuleScope scope, ConfigChanges changes) {
        return switch (layout) {
            case Layout.Models models -> ofModels(models, scope);
            case Layout.Slices slices -> {
                SliceAssembler assembler = new SliceAssembler(config, method, lookup, leftOut, scope);
                List<Assignment> assignments = assembler.assemble(slices);
                changes.stack(assembler.module(), assembler.origins());
                yield assignments;
            }
        };
    }

    private List<Assignment> ofModules(Layout.Modules layout, ConfigChanges changes) {
        List<Assignment> assignments = new ArrayList<>();
        layout.modules().forEach((name, module) -> {
            ModelModule known = lookup.architecture().module(name).orElseThrow(() -> module.position()
                    .error(
                            "the models have no module '" + name + "'",
                            "their modules are " + moduleNames(lookup.architecture().modules())));
            ModuleScope scope = new ModuleScope(Optional.of(known), module.parameters());
            assignments.addAll(ofModule(module.layout(), scope, changes));
        });
        List<ModelModule> others = lookup.architecture().modules().stream()
                .filter(module -> !layout.modules().containsKey(module.name()))
                .toList();
        others.forEach(module -> assignments.addAll(copied(module)));
        if (!others.isEmpty()) {
            warnings.add("modules that are not configured are copied from " + donor + ": " + moduleNames(others));
        }
        return assignments;
    }

    private static String moduleNames(Collection<ModelModule> modules) {
        return modules.stream().map(ModelModule::name).collect(Collectors.joining(", "));
    }

    private List<Assignment> copied(ModelModule module) {
        ParameterResolver resolver = new ParameterResolver(List.of(), ParameterMap.EMPTY, ParameterMap.EMPTY, config.parameters());
        List<Assignment> assignments = new ArrayList<>();
        lookup.of(donor).places().forEach((name, place) -> {
            if (place.module().equals(module)) {
                List<Assignment.Source> source = List.of(new Assignment.Source(donor, name));
                assignments.add(new Assignment(name, 0, source, Optional.empty(), resolver, true));
            }
        });
        return assignments;
    }

    private List<Assignment> ofModels(Layout.Models layout, ModuleScope scope) {
        List<ModelReference> members = new ArrayList<>();
        layout.models().forEach(entry -> members.add(entry.model()));
        Optional<ModelReference> base = config.baseModel();
        if (method.base() != MethodSpec.BaseRole.UNUSED) {
            base.filter(model -> !members.contains(model)).ifPresent(members::add);
        }
        ModelReference template = base.filter(members::contains).orElse(members.getFirst());
        ParameterResolver resolver = ParameterResolver.of(layout, scope.parameters(), config.parameters());
        Set<String> names = names(lookup, template, members);
        names.removeIf(name -> !scope.contains(lookup.place(template, name)));
        List<Assignment> assignments = new ArrayList<>();
        for (String name : names) {
            Place place = lookup.place(template, name);
            List<Assignment.Source> sources =
                    members.stream().map(model -> new Assignment.Source(model, name)).toList();
            assignments.add(assignment(name, position(place, template), sources, base, resolver, template, place));
        }
        for (ModelReference member : members) {
            leftOut.note(member, template, learned(lookup, member, scope), used(lookup, member, names));
        }
        return assignments;
    }

    /** A merged tensor, or the template's own where it is not learned. */
    static Assignment assignment(
            String name,
            double position,
            List<Assignment.Source> sources,
            Optional<ModelReference> base,
            ParameterResolver resolver,
            ModelReference template,
            Place place) {
        Assignment merged = new Assignment(name, position, sources, base, resolver, false);
        return place.role() != Role.BUFFER
                ? merged
                : sources.stream()
                        .filter(source -> source.model().equals(template))
                        .findFirst()
                        .map(merged::copying)
                        .orElseThrow();
    }

    /** The template's tensors, and heads that only some models store: the others' embeddings stand in for them. */
    static Set<String> names(TensorLookup lookup, ModelReference template, Collection<ModelReference> members) {
        ModelTensors tensors = lookup.of(template);
        Set<String> names = new LinkedHashSet<>(tensors.names());
        for (Tie tie : lookup.architecture().ties()) {
            if (!tie.always()
                    && tensors.find(tie.source()).isPresent()
                    && tensors.find(tie.tensor()).isEmpty()
                    && members.stream().anyMatch(member -> lookup.provides(member, tie))) {
                names.add(tie.tensor());
            }
        }
        return names;
    }

    private static List<String> learned(TensorLookup lookup, ModelReference model, ModuleScope scope) {
        ModelTensors tensors = lookup.of(model);
        return tensors.names().stream()
                .filter(tensors::isLearned)
                .filter(name -> scope.contains(tensors.places().get(name)))
                .toList();
    }

    /** What a model calls the tensors that it gives for these names. */
    static Set<String> used(TensorLookup lookup, ModelReference model, Collection<String> names) {
        return names.stream()
                .flatMap(name -> lookup.resolve(model, name).stream())
                .map(TensorRef::name)
                .collect(Collectors.toSet());
    }

    private double position(Place place, ModelReference template) {
        int depth = lookup.of(template).depth(place.module());
        return place.layer().map(layer -> depth(Math.min(layer.layer(), depth - 1), depth)).orElse(0.0);
    }

    /** Relative depth of a layer; a single layer lies at the end. */
    static double depth(int layer, int layers) {
        return layers > 1 ? (double) layer / (layers - 1) : 1;
    }
}
