// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.arch.LayerName;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.config.InputSource;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.config.OutputSlice;
import dev.ingot.config.ParameterMap;
import dev.ingot.config.ParameterResolver;
import dev.ingot.method.MethodSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Stacks slices of layers. Tensors in front of the layers come from the sources of the first slice, those behind them from the
 * last.
 */
final class SliceAssembler {
    private final MergeConfig config;
    private final MethodSpec method;
    private final SequencedMap<ModelReference, Checkpoint> models;
    private final Architecture architecture;
    private final LeftOut leftOut;
    private final List<Assignment> assignments = new ArrayList<>();
    private int layers;

    SliceAssembler(
            MergeConfig config,
            MethodSpec method,
            SequencedMap<ModelReference, Checkpoint> models,
            Architecture architecture,
            LeftOut leftOut) {
        this.config = config;
        this.method = method;
        this.models = models;
        this.architecture = architecture;
        this.leftOut = leftOut;
    }

    List<Assignment> assemble(Layout.Slices layout) {
        outside(layout.slices().getFirst(), true);
        layout.slices().forEach(this::stack);
        outside(layout.slices().getLast(), false);
        return assignments;
    }

    /** Number of layers of the output. */
    int layers() {
        return layers;
    }

    private void outside(OutputSlice slice, boolean input) {
        Optional<ModelReference> base = base(slice);
        ModelReference template = template(slice, base);
        Set<String> names = LayoutExpander.names(models.get(template), models.values(), architecture);
        names.removeIf(name -> !isOutside(name, input));
        for (String name : names) {
            List<Assignment.Source> sources = slice.sources().stream()
                    .map(source -> new Assignment.Source(source.model(), name))
                    .toList();
            assignments.add(new Assignment(name, 0, sources, base, resolver(slice)));
        }
        for (InputSource source : slice.sources()) {
            leftOut.note(source.model(), template, tensors(source, name -> isOutside(name, input)), names);
        }
    }

    private boolean isOutside(String name, boolean input) {
        return LayerName.parse(name).isEmpty() && architecture.isInput(name) == input;
    }

    private List<String> tensors(InputSource source, Predicate<String> which) {
        return models.get(source.model()).tensors().keySet().stream().filter(which).toList();
    }

    private void stack(OutputSlice slice) {
        Optional<ModelReference> base = base(slice);
        ModelReference template = template(slice, base);
        String prefix = onlyStack(slice, template);
        slice.sources().forEach(source -> checkRange(source, prefix));
        InputSource first = slice.sources().stream()
                .filter(source -> source.model().equals(template))
                .findFirst()
                .orElseThrow();
        for (int offset = 0; offset < slice.length(); offset++) {
            double position = LayoutExpander.depth(offset, slice.length());
            Set<String> used = new HashSet<>();
            for (String name : layer(first, offset)) {
                Assignment assignment = assignment(slice, base, LayerName.parse(name).orElseThrow(), offset, position);
                assignment.sources().forEach(source -> used.add(source.tensor()));
                assignments.add(assignment);
            }
            for (InputSource source : slice.sources()) {
                leftOut.note(source.model(), template, layer(source, offset), used);
            }
            layers++;
        }
    }

    /** A model's tensors of one of the layers that a slice takes from it. */
    private List<String> layer(InputSource source, int offset) {
        int number = source.layerRange().start() + offset;
        return tensors(source, name ->
                LayerName.parse(name).filter(layer -> layer.layer() == number).isPresent());
    }

    private Assignment assignment(
            OutputSlice slice, Optional<ModelReference> base, LayerName layer, int offset, double position) {
        List<Assignment.Source> sources = new ArrayList<>();
        for (InputSource source : slice.sources()) {
            String tensor = layer.at(source.layerRange().start() + offset).toString();
            sources.add(new Assignment.Source(source.model(), tensor));
        }
        return new Assignment(layer.at(layers).toString(), position, sources, base, resolver(slice));
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
        return ParameterResolver.of(slice, ParameterMap.EMPTY, config.parameters());
    }

    private String onlyStack(OutputSlice slice, ModelReference model) {
        TreeSet<String> stacks = new TreeSet<>();
        models.get(model).tensors().keySet().forEach(name ->
                LayerName.parse(name).ifPresent(layer -> stacks.add(layer.prefix())));
        if (stacks.size() != 1) {
            throw slice.position()
                    .error(
                            stacks.isEmpty()
                                    ? "model " + model + " has no layers"
                                    : "model " + model + " has several stacks of layers: " + String.join(", ", stacks),
                            "slices need models with a single stack of layers; use 'models' instead");
        }
        return stacks.getFirst();
    }

    private void checkRange(InputSource source, String prefix) {
        int depth = models.get(source.model()).tensors().keySet().stream()
                .map(LayerName::parse)
                .flatMap(Optional::stream)
                .filter(layer -> layer.prefix().equals(prefix))
                .mapToInt(layer -> layer.layer() + 1)
                .max()
                .orElse(0);
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
