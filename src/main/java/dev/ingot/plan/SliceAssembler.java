// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.LayerName;
import dev.ingot.arch.ModelModule;
import dev.ingot.arch.Place;
import dev.ingot.config.InputSource;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.config.OutputSlice;
import dev.ingot.config.ParameterResolver;
import dev.ingot.method.MethodSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Stacks slices of the layers of one module. Its tensors in front of the layers come from the sources of the first slice, those
 * behind them from the last.
 */
final class SliceAssembler {
    private final MergeConfig config;
    private final MethodSpec method;
    private final TensorLookup lookup;
    private final LeftOut leftOut;
    private final ModuleScope scope;
    private final List<Assignment> assignments = new ArrayList<>();
    private final List<Origin> origins = new ArrayList<>();
    private ModelModule module;

    /**
     * Where a layer of the output comes from.
     *
     * @param model the model that decides on its tensors
     * @param layer its number there
     */
    record Origin(ModelReference model, int layer) {}

    SliceAssembler(
            MergeConfig config, MethodSpec method, TensorLookup lookup, LeftOut leftOut, ModuleScope scope) {
        this.config = config;
        this.method = method;
        this.lookup = lookup;
        this.leftOut = leftOut;
        this.scope = scope;
    }

    List<Assignment> assemble(Layout.Slices layout) {
        module = onlyStack(layout.slices().getFirst());
        outside(layout.slices().getFirst(), true);
        layout.slices().forEach(this::stack);
        outside(layout.slices().getLast(), false);
        return assignments;
    }

    /** The module whose layers were stacked. */
    ModelModule module() {
        return module;
    }

    /** The layers of the output. */
    List<Origin> origins() {
        return origins;
    }

    private void outside(OutputSlice slice, boolean input) {
        Optional<ModelReference> base = base(slice);
        ModelReference template = template(slice, base);
        List<ModelReference> sources = slice.sources().stream().map(InputSource::model).toList();
        Set<String> names = LayoutExpander.names(lookup, template, config.referencedModels());
        names.removeIf(name -> !isOutside(lookup.place(template, name), input));
        for (String name : names) {
            List<Assignment.Source> tensors = sources.stream()
                    .map(model -> new Assignment.Source(model, name))
                    .toList();
            Place place = lookup.place(template, name);
            assignments.add(LayoutExpander.assignment(name, 0, tensors, base, resolver(slice), template, place));
        }
        for (ModelReference model : sources) {
            ModelTensors tensors = lookup.of(model);
            List<String> candidates = tensors.names().stream()
                    .filter(name -> tensors.isLearned(name) && isOutside(tensors.places().get(name), input))
                    .toList();
            leftOut.note(model, template, candidates, LayoutExpander.used(lookup, model, names));
        }
    }

    private boolean isOutside(Place place, boolean input) {
        return scope.contains(place) && place.layer().isEmpty() && place.isInput() == input;
    }

    private void stack(OutputSlice slice) {
        Optional<ModelReference> base = base(slice);
        ModelReference template = template(slice, base);
        slice.sources().forEach(this::checkRange);
        InputSource first = slice.sources().stream()
                .filter(source -> source.model().equals(template))
                .findFirst()
                .orElseThrow();
        for (int offset = 0; offset < slice.length(); offset++) {
            double position = LayoutExpander.depth(offset, slice.length());
            ModelTensors tensors = lookup.of(template);
            Set<String> names = new LinkedHashSet<>();
            for (String name : tensors.layer(module, first.layerRange().start() + offset)) {
                LayerName layer = tensors.places().get(name).layer().orElseThrow();
                if (!lookup.architecture().isOfFirstLayer(layer.suffix())) {
                    names.add(name);
                    add(slice, base, template, name, layer, offset, position);
                }
            }
            if (origins.isEmpty()) {
                addFirstLayer(slice, base, template, position);
            }
            for (InputSource source : slice.sources()) {
                noteLeftOut(source, template, offset, names);
            }
            origins.add(new Origin(template, first.layerRange().start() + offset));
        }
    }

    private void add(
            OutputSlice slice,
            Optional<ModelReference> base,
            ModelReference template,
            String name,
            LayerName layer,
            int offset,
            double position) {
        List<Assignment.Source> sources = slice.sources().stream()
                .map(source -> new Assignment.Source(
                        source.model(), layer.at(source.layerRange().start() + offset).toString()))
                .toList();
        assignments.add(LayoutExpander.assignment(
                layer.at(origins.size()).toString(),
                position,
                sources,
                base,
                resolver(slice),
                template,
                lookup.place(template, name)));
    }

    /** What only layer 0 of a model has, layer 0 of the output takes from there. */
    private void addFirstLayer(
            OutputSlice slice, Optional<ModelReference> base, ModelReference template, double position) {
        ModelTensors tensors = lookup.of(template);
        for (String name : tensors.layer(module, 0)) {
            LayerName layer = tensors.places().get(name).layer().orElseThrow();
            if (lookup.architecture().isOfFirstLayer(layer.suffix())) {
                List<Assignment.Source> sources = slice.sources().stream()
                        .map(source -> new Assignment.Source(source.model(), name))
                        .toList();
                assignments.add(new Assignment(name, position, sources, base, resolver(slice), false));
            }
        }
    }

    private void noteLeftOut(InputSource source, ModelReference template, int offset, Set<String> names) {
        int number = source.layerRange().start() + offset;
        ModelTensors tensors = lookup.of(source.model());
        List<String> candidates = tensors.layer(module, number).stream()
                .filter(tensors::isLearned)
                .filter(name -> !lookup.architecture()
                        .isOfFirstLayer(tensors.places().get(name).layer().orElseThrow().suffix()))
                .toList();
        Set<String> wanted = names.stream()
                .map(name -> lookup.of(template).places().get(name).layer().orElseThrow().at(number).toString())
                .collect(Collectors.toSet());
        leftOut.note(source.model(), template, candidates, LayoutExpander.used(lookup, source.model(), wanted));
    }

    private Optional<ModelReference> base(OutputSlice slice) {
        Optional<ModelReference> base = slice.baseModel().or(config::baseModel);
        boolean isSource = base.filter(model ->
                        slice.sources().stream().anyMatch(source -> source.model().equals(model)))
                .isPresent();
        if (method.requiresBase() && base.isEmpty()) {
            throw slice.position()
                    .error(
                            "method " + method.name() + " needs a base model, and the slice has none",
                            "name it with base_model, in the slice or for all of them");
        }
        if (method.requiresBase() && !isSource) {
            throw slice.position()
                    .error(
                            "base model " + base.get() + " is not among the sources of the slice",
                            "add it to the sources with the layers that the others are compared with");
        }
        return isSource ? base : Optional.empty();
    }

    private static ModelReference template(OutputSlice slice, Optional<ModelReference> base) {
        return base.orElseGet(() -> slice.sources().getFirst().model());
    }

    private ParameterResolver resolver(OutputSlice slice) {
        return ParameterResolver.of(slice, scope.parameters(), config.parameters());
    }

    /** The module whose layers are meant; outside of 'modules' there must be only one that has any. */
    private ModelModule onlyStack(OutputSlice slice) {
        List<ModelModule> stacks = scope.module().map(List::of).orElse(lookup.architecture().modules()).stream()
                .filter(known -> known.layers().isPresent())
                .toList();
        if (stacks.isEmpty()) {
            throw slice.position()
                    .error(
                            scope.module().map(known -> "module '" + known.name() + "'")
                                            .orElse("model " + slice.sources().getFirst().model())
                                    + " has no layers",
                            "use 'models' instead of 'slices'");
        }
        if (stacks.size() > 1) {
            String names = lookup.architecture().modules().stream()
                    .map(ModelModule::name)
                    .collect(Collectors.joining(", "));
            throw slice.position()
                    .error(
                            "the models have several stacks of layers, in the modules " + names,
                            "give each of the modules its own slices or models under 'modules'");
        }
        return stacks.getFirst();
    }

    private void checkRange(InputSource source) {
        int depth = lookup.of(source.model()).storedLayers(module);
        if (source.layerRange().end() > depth) {
            throw source.layerRange()
                    .position()
                    .error(
                            "layer_range ends at " + source.layerRange().end() + ", but model " + source.model()
                                    + " has " + depth + " layers",
                            "use a range within [0, " + depth + "]");
        }
    }
}
