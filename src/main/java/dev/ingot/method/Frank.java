// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.arch.LayerName;
import dev.ingot.error.ConfigException;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;

/**
 * FRANK (Training-Free Reasoning and Reflection in MLLMs, section 3.2): of a vision-language model and a reasoning model, each block
 * takes task vectors in the ratio w_t ||tau_t||^2, where the norms are those of the whole block, and the prior w falls
 * exponentially with the block for vision.
 */
final class Frank implements MergeMethod {
    private static final MethodSpec SPEC = new MethodSpec(
            "frank",
            "FRANK",
            Optional.of(new MethodSpec.Paper(
                    "Training-Free Reasoning and Reflection in MLLMs", "https://arxiv.org/abs/2505.16151")),
            "per block, weigh a vision and a reasoning model by the norms of their task vectors",
            List.of(
                    Parameter.optional(
                            "decay",
                            Parameter.Level.GLOBAL,
                            Parameter.Range.ANY,
                            "a in the vision model's prior exp(-a l) of block l; if unset, both models' priors are equal"),
                    Parameter.optional(
                            "prior",
                            Parameter.Level.GLOBAL,
                            new Parameter.Range(0, false, 1),
                            "the vision model's prior itself, by block; the other's is what lacks to 1"),
                    Parameter.number(
                            "lambda", Parameter.Level.GLOBAL, 1, Parameter.Range.ANY, "factor on the merged task vector")),
            MethodSpec.BaseRole.ORIGIN,
            2,
            2,
            false);

    /** Tensors that are weighed together: a block, or a tensor outside of blocks. */
    private record Group(String stack, int block) {
        static Group of(TensorContext tensor) {
            return LayerName.parse(tensor.name())
                    .map(layer -> new Group(layer.prefix(), layer.layer()))
                    .orElseGet(() -> new Group(tensor.name(), -1));
        }

        boolean isBlock() {
            return block >= 0;
        }
    }

    /** Squared norms of both task vectors. */
    private record Norms(double vision, double reasoning) {
        Norms plus(Norms other) {
            return new Norms(vision + other.vision, reasoning + other.reasoning);
        }
    }

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        return new TensorProgram(new Step.Surveyed(), 2, Needs.NONE.withSums(3, 0));
    }

    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        tensors.forEach(Frank::check);
        Step norms = new Step.Gram(true, products -> new Step.Report(products[0], products[2]));
        return Optional.of(new ModelStep.Survey(tensor -> TensorProgram.single(norms), facts -> {
            Map<Group, Norms> groups = new HashMap<>();
            for (TensorFacts tensor : facts) {
                groups.merge(Group.of(tensor.tensor()), new Norms(tensor.values()[0], tensor.values()[1]), Norms::plus);
            }
            return new ModelStep.Programs(tensor -> TensorProgram.single(merge(tensor, groups)));
        }));
    }

    private static void check(TensorContext tensor) {
        if (tensor.globals().optional("decay").isPresent() && tensor.globals().optional("prior").isPresent()) {
            throw new ConfigException(
                    "frank: both decay and prior are set for tensor " + tensor.name(), "leave one of them out");
        }
    }

    private static Step merge(TensorContext tensor, Map<Group, Norms> groups) {
        Norms norms = groups.get(Group.of(tensor));
        double prior = prior(tensor, groups);
        double vision = prior * norms.vision();
        double reasoning = (1 - prior) * norms.reasoning();
        double share = vision + reasoning == 0 ? 0.5 : vision / (vision + reasoning);
        return new Step.Merge(new DeltaMerge(
                List.of(
                        new DeltaMerge.Term((float) share, 1, Mask.NONE),
                        new DeltaMerge.Term((float) (1 - share), 1, Mask.NONE)),
                false,
                false,
                1,
                (float) tensor.globals().number("lambda")));
    }

    /** The vision model's prior: equation 16 within blocks, equal shares outside, where the paper defines none. */
    private static double prior(TensorContext tensor, Map<Group, Norms> groups) {
        OptionalDouble given = tensor.globals().optional("prior");
        OptionalDouble decay = tensor.globals().optional("decay");
        Group own = Group.of(tensor);
        if (given.isPresent() || decay.isEmpty() || !own.isBlock()) {
            return given.orElse(0.5);
        }
        TreeSet<Integer> blocks = new TreeSet<>();
        groups.keySet().stream()
                .filter(group -> group.isBlock() && group.stack().equals(own.stack()))
                .forEach(group -> blocks.add(group.block()));
        double a = decay.getAsDouble();
        // Relative to the own block, so that no power overflows unless its share vanishes anyway.
        double sum = blocks.stream().mapToDouble(block -> Math.exp(-a * (block - own.block()))).sum();
        return 1 / sum;
    }
}
