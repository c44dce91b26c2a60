// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.config.Companion;
import dev.ingot.kernel.DeltaMerge;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Descriptions of the {@link TaskVectors} methods. */
final class TaskVectorSpecs {
    private static final MethodSpec.Paper TASK_ARITHMETIC_PAPER =
            new MethodSpec.Paper("Editing Models with Task Arithmetic", "https://arxiv.org/abs/2212.04089");
    private static final MethodSpec.Paper TIES_PAPER = new MethodSpec.Paper(
            "TIES-Merging: Resolving Interference When Merging Models", "https://arxiv.org/abs/2306.01708");
    private static final MethodSpec.Paper DARE_PAPER = new MethodSpec.Paper(
            "Language Models are Super Mario: Absorbing Abilities from Homologous Models as a Free Lunch",
            "https://arxiv.org/abs/2311.03099");

    private static final MethodSpec.Paper BREADCRUMBS_PAPER = new MethodSpec.Paper(
            "Model Breadcrumbs: Scaling Multi-Task Model Merging with Sparse Masks", "https://arxiv.org/abs/2312.06795");
    private static final MethodSpec.Paper DELLA_PAPER = new MethodSpec.Paper(
            "DELLA-Merging: Reducing Interference in Model Merging through Magnitude-Based Sampling",
            "https://arxiv.org/abs/2406.11617");

    private static final Parameter GAMMA = Parameter.number(
            "gamma",
            Parameter.Level.PER_MODEL,
            0.01,
            new Parameter.Range(0, false, 1),
            "share of the task vector's elements, the largest ones, that is dropped");
    private static final Parameter EPSILON = Parameter.number(
            "epsilon",
            Parameter.Level.PER_MODEL,
            0.15,
            new Parameter.Range(0, false, 0.5),
            "most that an element's probability of staying differs from density");

    static final MethodSpec TASK_ARITHMETIC = spec(
            "task_arithmetic", "Task Arithmetic", TASK_ARITHMETIC_PAPER, "base plus weighted task vectors", false, false, false);
    static final MethodSpec TIES = spec(
            "ties", "TIES", TIES_PAPER, "trim by magnitude, elect signs, disjoint mean", true, false, false);
    static final MethodSpec DARE_LINEAR = spec(
            "dare_linear", "Linear DARE", DARE_PAPER, "drop at random, rescale, add", false, true, true);
    static final MethodSpec DARE_TIES = spec(
            "dare_ties", "DARE TIES", DARE_PAPER, "drop at random, rescale, elect signs", false, true, true);
    static final MethodSpec BREADCRUMBS = spec(
            "breadcrumbs", "Model Breadcrumbs", BREADCRUMBS_PAPER, "drop largest and smallest, add", false, false, false, GAMMA);
    static final MethodSpec BREADCRUMBS_TIES = spec(
            "breadcrumbs_ties",
            "Model Breadcrumbs with TIES",
            BREADCRUMBS_PAPER,
            "drop largest and smallest, elect signs",
            false,
            false,
            false,
            GAMMA);
    static final MethodSpec DELLA = spec(
            "della", "DELLA", DELLA_PAPER, "drop at random by rank, rescale, elect signs", true, true, true, EPSILON);
    static final MethodSpec DELLA_LINEAR = spec(
            "della_linear", "Linear DELLA", DELLA_PAPER, "drop at random by rank, rescale, add", false, true, true, EPSILON);

    private TaskVectorSpecs() {}

    private static MethodSpec spec(
            String name,
            String title,
            MethodSpec.Paper paper,
            String summary,
            boolean normalize,
            boolean rescale,
            boolean random,
            Parameter... more) {
        return new MethodSpec(
                name,
                title,
                Optional.of(paper),
                summary,
                Stream.concat(common(normalize, rescale).stream(), Stream.of(more)).toList(),
                MethodSpec.BaseRole.ORIGIN,
                1,
                DeltaMerge.MAX_TERMS,
                random,
                random ? Set.of(Companion.DRAWS) : Set.of());
    }

    private static List<Parameter> common(boolean normalize, boolean rescale) {
        return List.of(
                Parameter.required(
                        "weight", Parameter.Level.PER_MODEL, Parameter.Range.ANY, "factor on the task vector"),
                Parameter.number(
                        "density",
                        Parameter.Level.PER_MODEL,
                        1,
                        Parameter.Range.FRACTION,
                        "share of the task vector's elements that is kept"),
                Parameter.flag("normalize", normalize, "divide by the sum of the weights"),
                Parameter.flag("rescale", rescale, "restore the L1 norm of a thinned task vector"),
                Parameter.number(
                        "lambda",
                        Parameter.Level.GLOBAL,
                        1,
                        Parameter.Range.ANY,
                        "factor on the merged task vector"),
                Parameter.flag("int8_mask", false, "accepted for mergekit's sake; results do not depend on it"));
    }
}
