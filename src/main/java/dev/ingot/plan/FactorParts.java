// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.NameOrder;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.SafetensorsLayout;
import dev.ingot.checkpoint.TensorSpec;
import dev.ingot.config.MergeConfig;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.Methods;
import dev.ingot.method.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The factors that take the place of a model's tensors: a checkpoint for each merged model. */
final class FactorParts {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private FactorParts() {}

    /**
     * A name for each merged model.
     *
     * @param methods those that could be used instead
     * @throws ConfigException if the configuration is none that factors can be made of
     */
    static List<String> tasks(MergeConfig config, MergeMethod method, Methods methods) {
        if (!method.hasFactors()) {
            throw config.source()
                    .positionOf("merge_method")
                    .error(
                            "method " + method.spec().name() + " has no factors",
                            "merge the models, or use one that has: " + methods.all().stream()
                                    .filter(MergeMethod::hasFactors)
                                    .map(one -> one.spec().name())
                                    .collect(Collectors.joining(", ")));
        }
        return MaskParts.tasks(config, "factors");
    }

    /**
     * The checkpoints of the output. Besides what the method says, biases of layers whose weight has factors are differences.
     *
     * @param tensors those of the model
     * @throws CheckpointException if a model lacks a tensor that has factors
     * @throws ConfigException     if none has
     */
    static List<OutputGroup> groups(
            List<TensorResolver.Resolved> tensors, List<String> tasks, MergeMethod method, Dtype type) {
        List<OutputGroup> groups = new ArrayList<>();
        for (int task = 0; task < tasks.size(); task++) {
            List<TensorResolver.Resolved> factors = factors(tensors, tasks.size(), task, method, type);
            groups.add(new OutputGroup(Product.Factors.factors(tasks.get(task)), factors, metadata(tasks.get(task))));
        }
        if (groups.stream().allMatch(group -> group.tensors().isEmpty())) {
            throw new ConfigException(
                    "no tensor has factors: they belong to tensors of two dimensions", "look at the filters of 'matrices'");
        }
        return groups;
    }

    private static List<TensorResolver.Resolved> factors(
            List<TensorResolver.Resolved> tensors, int tasks, int task, MergeMethod method, Dtype type) {
        List<TensorResolver.Resolved> all = new ArrayList<>();
        Set<String> layers = new HashSet<>();
        for (TensorResolver.Resolved tensor : tensors) {
            List<Part.Factor> factors =
                    tensor.method().isPresent() ? method.factors(tensor.context(), task) : List.of();
            if (!factors.isEmpty()) {
                requireAll(tensor, tasks, tensor.name());
                factors.forEach(factor -> all.add(tensor.factor(factor, type)));
                if (tensor.name().endsWith(WEIGHT)) {
                    layers.add(stem(tensor.name(), WEIGHT));
                }
            }
        }
        for (TensorResolver.Resolved tensor : tensors) {
            if (tensor.dtype().mergeable()
                    && tensor.name().endsWith(BIAS)
                    && layers.contains(stem(tensor.name(), BIAS))) {
                requireAll(tensor, tasks, stem(tensor.name(), BIAS) + WEIGHT);
                all.add(tensor.factor(Part.Factor.difference(tensor.context(), task), type));
            }
        }
        all.sort(Comparator.comparing(TensorResolver.Resolved::name, NameOrder.UTF8));
        return all;
    }

    private static String stem(String name, String ending) {
        return name.substring(0, name.length() - ending.length());
    }

    /**
     * A tensor that too few models have is copied from one of them, and has no method then.
     *
     * @param filtered the tensor of two dimensions that a filter leaves this one out by
     */
    private static void requireAll(TensorResolver.Resolved tensor, int tasks, String filtered) {
        if (tensor.method().isEmpty() || tensor.context().models().size() != tasks) {
            throw new CheckpointException(
                    "tensor " + Printable.quote(tensor.name())
                            + " is missing in the base or in some models, and factors belong to each of them",
                    "complete the models, or leave " + Printable.quote(filtered) + " out by a filter of 'matrices'");
        }
    }

    private static Function<List<TensorSpec>, Map<String, String>> metadata(String task) {
        return tensors -> {
            Map<String, String> metadata = new LinkedHashMap<>(SafetensorsLayout.DEFAULT_METADATA);
            metadata.put("task", task);
            return metadata;
        };
    }
}
