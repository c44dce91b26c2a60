// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.config.Companion;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.method.Parameter.Level;
import dev.ingot.method.Parameter.Range;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Composed merges of task vectors: the general one, and published methods, which offer some of its parameters. */
final class ComposedSpecs {
    private static final MethodSpec.Paper TIES = new MethodSpec.Paper(
            "TIES-Merging: Resolving Interference When Merging Models", "https://arxiv.org/abs/2306.01708");
    private static final MethodSpec.Paper MAGMAX = new MethodSpec.Paper(
            "MagMax: Leveraging Model Merging for Seamless Continual Learning", "https://arxiv.org/abs/2407.06322");
    private static final MethodSpec.Paper LINES = new MethodSpec.Paper(
            "LiNeS: Post-training Layer Scaling Prevents Forgetting and Enhances Model Merging",
            "https://arxiv.org/abs/2410.17146");
    private static final MethodSpec.Paper SOMF = new MethodSpec.Paper(
            "A safety realignment framework via subspace-oriented model fusion for large language models",
            "https://arxiv.org/abs/2405.09055");
    private static final MethodSpec.Paper STITCH = new MethodSpec.Paper(
            "Localize-and-Stitch: Efficient Model Merging via Sparse Task Arithmetic", "https://arxiv.org/abs/2408.13656");
    private static final MethodSpec.Paper TALL = new MethodSpec.Paper(
            "Localizing Task Information for Improved Model Merging and Compression", "https://arxiv.org/abs/2405.07813");

    private static final MethodSpec.Paper DARE = new MethodSpec.Paper(
            "Language Models are Super Mario: Absorbing Abilities from Homologous Models as a Free Lunch",
            "https://arxiv.org/abs/2311.03099");
    private static final MethodSpec.Paper DELLA = new MethodSpec.Paper(
            "DELLA-Merging: Reducing Interference in Model Merging through Magnitude-Based Sampling",
            "https://arxiv.org/abs/2406.11617");
    private static final MethodSpec.Paper BREADCRUMBS = new MethodSpec.Paper(
            "Model Breadcrumbs: Scaling Multi-Task Model Merging with Sparse Masks", "https://arxiv.org/abs/2312.06795");
    private static final Range SHARE = new Range(0, false, 1);

    /** Every parameter with its neutral default: together they are task arithmetic. */
    private static final List<Parameter> ALL = List.of(
            Parameter.number("weight", Level.PER_MODEL, 1, Range.ANY, "factor on the task vector"),
            choice("sparsify", Level.PER_MODEL, Composition.Sparsify.NONE, "how the task vector is thinned"),
            Parameter.number("density", Level.PER_MODEL, 1, Range.FRACTION, "share of the elements that stays"),
            Parameter.optional(
                    "mask_rate", Level.PER_MODEL, SHARE, "share that goes, instead of density"),
            Parameter.number(
                    "deviations",
                    Level.PER_MODEL,
                    1.5,
                    new Range(0, false, 100),
                    "sample standard deviations from the mean beyond which elements stay"),
            Parameter.number("energy", Level.PER_MODEL, 0.9, Range.FRACTION, "share of the squared norm that stays"),
            Parameter.number(
                    "epsilon",
                    Level.PER_MODEL,
                    0.07,
                    SHARE,
                    "probabilities of ranked elements lie between density - epsilon and density + epsilon"),
            choice("probability", Level.GLOBAL, Composition.Probability.ROW_RANK, "what they rise with"),
            choice("rescale", Level.GLOBAL, Composition.Rescale.EXPECTATION, "divisor of elements kept at random"),
            choice("then", Level.PER_MODEL, Composition.Then.NONE, "how what random dropping or a mask leaves is thinned further"),
            Parameter.number("then_density", Level.PER_MODEL, 0.2, Range.FRACTION, "share of all elements that then stays"),
            Parameter.optional("then_mask_rate", Level.PER_MODEL, SHARE, "share that then goes, instead of then_density"),
            Parameter.number("beta", Level.PER_MODEL, 0.15, SHARE, "share of a row that stays without outliers"),
            Parameter.number("gamma", Level.PER_MODEL, 0.006, SHARE, "share of a row that goes as outliers"),
            Parameter.flag("remove_first", true, "whether the beta largest are counted after outliers have gone"),
            Parameter.number(
                    "small_rate",
                    Level.PER_MODEL,
                    0.05,
                    SHARE,
                    "share of a tensor that goes because it is small; outliers are what else density leaves out"),
            choice("scope", Level.GLOBAL, Composition.Scope.TENSOR, "among which elements the largest are found"),
            choice("boundary", Level.GLOBAL, Composition.Boundary.EXACT, "what happens to elements at the threshold"),
            choice("elect", Level.GLOBAL, Composition.Elect.NONE, "how signs are elected"),
            choice("zero_sign", Level.GLOBAL, Composition.ZeroSign.POSITIVE, "what a sum of zero elects"),
            choice("combine", Level.GLOBAL, Composition.Combine.SUM, "how task vectors become one"),
            choice("scale", Level.GLOBAL, Composition.Scale.NONE, "how the result is scaled by layers"),
            Parameter.optional(
                    "lines_alpha",
                    Level.GLOBAL,
                    Range.ANY,
                    "factor of the first layer; if unset, the norm of the plain sum over that of the result, over N"),
            Parameter.number(
                    "lines_beta", Level.GLOBAL, 0.5, Range.ANY, "what the last layer's factor is larger by"),
            Parameter.number("lambda", Level.GLOBAL, 1, Range.ANY, "factor on the merged task vector"),
            Parameter.flag("include", true, "whether the tensor takes part; otherwise it stays the base's"));

    private final String name;
    private final String title;
    private final Optional<MethodSpec.Paper> paper;
    private final String summary;
    private final Map<String, Object> defaults = new HashMap<>();
    private final List<String> offered = new ArrayList<>();
    private final Map<String, List<String>> among = new HashMap<>();
    private final List<Parameter> own = new ArrayList<>();

    private ComposedSpecs(String name, String title, Optional<MethodSpec.Paper> paper, String summary) {
        this.name = name;
        this.title = title;
        this.paper = paper;
        this.summary = summary;
    }

    /** All of them. */
    static List<MergeMethod> methods() {
        ComposedSpecs general = new ComposedSpecs(
                "task_vectors",
                "Composed Task Vectors",
                Optional.empty(),
                "any thinning, election, combination and scaling of task vectors");
        ALL.forEach(parameter -> general.offered.add(parameter.name()));
        return List.of(
                general.method(),
                paper("ties_merging", "TIES-Merging", TIES, "trim the whole model, elect signs, disjoint merge")
                        .with("sparsify", "magnitude")
                        .with("density", 0.2)
                        .with("scope", "model")
                        .with("boundary", "at_least")
                        .with("elect", "mass")
                        .with("zero_sign", "majority")
                        .with("combine", "disjoint_mean")
                        .among("sparsify", "none", "magnitude", "deviation", "energy")
                        .offering("density", "mask_rate", "deviations", "energy", "scope", "elect", "zero_sign")
                        .offering("combine", "scale", "lines_alpha", "lines_beta", "lambda", "include")
                        .method(),
                paper("dare", "DARE", DARE, "drop elements of task vectors at random, rescale the others, merge")
                        .with("sparsify", "random")
                        .with("density", 0.5)
                        .with("boundary", "at_least")
                        .among("sparsify", "random", "magnitude")
                        .offering("weight", "density", "mask_rate", "rescale", "then", "then_density")
                        .offering("then_mask_rate", "scope", "boundary", "elect", "zero_sign", "combine", "lambda", "include")
                        .method(),
                paper("della_magprune", "DELLA-Merging", DELLA, "drop small elements more often than large ones, elect, merge")
                        .with("sparsify", "ranked")
                        .with("density", 0.7)
                        .with("elect", "mass")
                        .with("combine", "disjoint_mean")
                        .offering("weight", "density", "mask_rate", "epsilon", "probability", "rescale", "lambda", "include")
                        .method(),
                paper("breadcrumbs_rows", "Model Breadcrumbs", BREADCRUMBS, "drop the outliers and the small elements of each row")
                        .with("sparsify", "outliers")
                        .with("scope", "row")
                        .with("lambda", 0.4)
                        .offering("weight", "beta", "gamma", "remove_first", "lambda", "include")
                        .method(),
                paper("somf", "SOMF", SOMF, "add task vectors under a given mask to an aligned model")
                        .with("sparsify", "mask")
                        .with("boundary", "at_least")
                        .with("scope", "model")
                        .with("zero_sign", "majority")
                        .offering("weight", "then", "then_density", "elect", "zero_sign", "combine", "lambda", "include")
                        .method(),
                paper("magmax", "MagMax", MAGMAX, "of each element the delta with the largest magnitude")
                        .with("combine", "last_magnitude")
                        .with("lambda", 0.5)
                        .offering("weight", "lambda", "include")
                        .method(),
                paper("lines", "LiNeS", LINES, "scale the sum of task vectors by a factor that rises with the layer")
                        .with("scale", "lines")
                        .offering("weight", "lines_alpha", "lines_beta", "lambda", "include")
                        .method(),
                paper("localize_and_stitch", "Localize-and-Stitch", STITCH, "average the largest elements where they overlap")
                        .with("sparsify", "magnitude")
                        .with("density", 0.05)
                        .with("scope", "model")
                        .with("boundary", "above")
                        .with("combine", "disjoint_mean")
                        .offering("density", "combine", "include")
                        .method(),
                tall("tall_masks", "TALL-masks", "rebuild one task from the multi-task vector and its mask")
                        .adding(MaskedVector.TASK_FLAG)
                        .adding(MaskedVector.TASK_INDEX)
                        .masking(false),
                tall("consensus", "Consensus Merging", "keep what the masks of several tasks have in common")
                        .adding(Parameter.number(
                                "prun_thre_k",
                                Level.GLOBAL,
                                2,
                                new Range(0, false, DeltaMerge.MAX_TERMS),
                                "of how many tasks' masks an element must be; 1 drops what none uses, 0 keeps all"))
                        .with("lambda", 0.4)
                        .offering("lambda")
                        .masking(true));
    }

    /** Masks over any multi-task vector: the plain sum, and what goes with TIES once it is thinned and elected. */
    private static ComposedSpecs tall(String name, String title, String summary) {
        return paper(name, title, TALL, summary)
                .with("sparsify", "none")
                .with("density", 0.2)
                .with("scope", "model")
                .with("boundary", "at_least")
                .with("zero_sign", "majority")
                .among("sparsify", "none", "magnitude", "deviation", "energy")
                .among("scope", "tensor", "model")
                .offering("weight", "density", "mask_rate", "deviations", "energy", "elect")
                .offering("zero_sign", "combine", "include")
                .adding(Parameter.number(
                        "mask_lambda",
                        Level.PER_MODEL,
                        0.4,
                        new Range(0, false, 100),
                        "how much smaller the difference from the merged weight may be; 0.2 to 0.6 in the paper"));
    }

    private static ComposedSpecs paper(String name, String title, MethodSpec.Paper paper, String summary) {
        return new ComposedSpecs(name, title, Optional.of(paper), summary);
    }

    private static <E extends Enum<E>> Parameter choice(String name, Level level, E byDefault, String description) {
        return Parameter.choice(name, level, byDefault.getDeclaringClass(), byDefault, description);
    }

    private ComposedSpecs with(String parameter, Object value) {
        defaults.put(parameter, value);
        return this;
    }

    /** Offers a choice between some of the names. */
    private ComposedSpecs among(String parameter, String... names) {
        among.put(parameter, List.of(names));
        return offering(parameter);
    }

    private ComposedSpecs offering(String... parameters) {
        offered.addAll(List.of(parameters));
        return this;
    }

    private ComposedSpecs adding(Parameter parameter) {
        own.add(parameter);
        return this;
    }

    private MergeMethod method() {
        return new Composed(spec(), fixed());
    }

    private MergeMethod masking(boolean consensus) {
        return new TallMasks(spec(), fixed(), consensus);
    }

    private MethodSpec spec() {
        Stream<Parameter> shared =
                ALL.stream().filter(parameter -> offered.contains(parameter.name())).map(this::preset);
        boolean random = sparsified().stream().anyMatch(List.of("random", "ranked")::contains);
        boolean masked = random || sparsified().contains("mask");
        return new MethodSpec(
                name,
                title,
                paper,
                summary,
                Stream.concat(own.stream(), shared).toList(),
                MethodSpec.BaseRole.ORIGIN,
                1,
                DeltaMerge.MAX_TERMS,
                random,
                random ? Set.of(Companion.MASK, Companion.DRAWS) : masked ? Set.of(Companion.MASK) : Set.of());
    }

    /** The values that {@code sparsify} can have. */
    private List<String> sparsified() {
        if (among.containsKey("sparsify")) {
            return among.get("sparsify");
        }
        List<String> all =
                Arrays.stream(Composition.Sparsify.values()).map(value -> value.name().toLowerCase(Locale.ROOT)).toList();
        return offered.contains("sparsify") ? all : List.of(String.valueOf(defaults.get("sparsify")));
    }

    /** The parameter with the method's own default. */
    private Parameter preset(Parameter parameter) {
        Object value = defaults.get(parameter.name());
        List<String> names = among.getOrDefault(parameter.name(), parameter.choices());
        return switch (value) {
            case null -> {
                if (among.containsKey(parameter.name())) {
                    throw new IllegalStateException(name + ": " + parameter.name() + " has no default among " + names);
                }
                yield parameter;
            }
            case String choice -> Parameter.choice(
                    parameter.name(), parameter.level(), names, choice, parameter.description());
            case Number number -> Parameter.number(
                    parameter.name(),
                    parameter.level(),
                    number.doubleValue(),
                    parameter.range(),
                    parameter.description());
            default -> throw new IllegalStateException(parameter.name() + ": " + value);
        };
    }

    /** Values of all parameters, of which those that are offered will be replaced. */
    private ParameterValues fixed() {
        Map<String, Double> values = new TreeMap<>();
        Map<String, String> choices = new TreeMap<>();
        for (Parameter parameter : ALL) {
            Parameter preset = preset(parameter);
            if (preset.type() == Parameter.Type.CHOICE) {
                preset.defaultChoice().ifPresent(choice -> choices.put(preset.name(), choice));
            } else {
                preset.defaultValue().ifPresent(value -> values.put(preset.name(), value));
            }
        }
        return new ParameterValues(values, choices);
    }
}
