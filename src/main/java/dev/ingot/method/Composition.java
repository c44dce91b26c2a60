// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.List;

/**
 * The choices that make up a merge of task vectors: how each is thinned, how signs are elected, how what is left is combined, and
 * how the result is scaled. {@link ComposedSpecs} lists the published methods that are certain choices.
 */
final class Composition {
    private Composition() {}

    /** How a task vector is thinned. */
    enum Sparsify {
        /** Not at all. */
        NONE,
        /** The largest elements by magnitude stay. */
        MAGNITUDE,
        /** What lies more than some standard deviations from the mean stays. */
        DEVIATION,
        /** The fewest elements that hold a share of the squared norm stay. */
        ENERGY,
        /** Every element stays with the same probability: DARE (arXiv 2311.03099). */
        RANDOM,
        /** Elements stay with probabilities that rise with their magnitude: DELLA's MagPrune (arXiv 2406.11617). */
        RANKED,
        /** The largest elements go, and the small ones: Model Breadcrumbs (arXiv 2312.06795). */
        OUTLIERS,
        /** The task vector is multiplied by a recorded mask and divided by the mask's mean in the tensor: SOMF (arXiv 2405.09055). */
        MASK
    }

    /** Among which elements the largest are found. */
    enum Scope {
        /** Those of a row: what the last dimension counts. */
        ROW,
        /** Those of a tensor. */
        TENSOR,
        /** Those of the model. */
        MODEL
    }

    /** What elements that have been kept at random are divided by. */
    enum Rescale {
        /** Nothing. */
        NONE,
        /** The probability with which they were kept. */
        EXPECTATION
    }

    /** What the probabilities of ranked elements rise with. */
    enum Probability {
        /** The rank of the magnitude within its row. */
        ROW_RANK,
        /** The magnitude, between the least and the largest of its row. */
        ROW_MAGNITUDE,
        /** The rank of the magnitude within its tensor. */
        TENSOR_RANK
    }

    /** How what random dropping or a mask has left is thinned further. */
    enum Then {
        /** Not at all. */
        NONE,
        /** The largest elements by magnitude stay. */
        MAGNITUDE
    }

    /** What happens to elements that equal the threshold. */
    enum Boundary {
        /** As many of them stay as are wanted, those with the lowest indices. */
        EXACT,
        /** The threshold is the element after the last one that is wanted; all that are as large stay. */
        AT_LEAST,
        /** The threshold is the last element that is wanted; only larger ones stay. */
        ABOVE
    }

    /** How the sign of an element is elected. */
    enum Elect {
        /** No election: all elements agree. */
        NONE,
        /** The sign of the sum. */
        MASS,
        /** The sign of the element with the largest share of its task vector's squared norm. */
        NORMFRAC,
        /** The sign of the sum of these shares, each with its element's sign. */
        NORMMASS
    }

    /** What a sum of exactly zero elects. */
    enum ZeroSign {
        /** The sign that most elements of the model have elected. */
        MAJORITY,
        /** The sign that most elements of the tensor have elected. */
        TENSOR_MAJORITY,
        /** Plus. */
        POSITIVE
    }

    /** How task vectors become one. */
    enum Combine {
        /** The sum. */
        SUM,
        /** The sum divided by the number of models. */
        MEAN,
        /** The lower median. */
        MEDIAN,
        /** The element with the largest magnitude; of equal ones that of the first model. */
        MAGNITUDE,
        /** The same; of equal ones that of the last model. */
        LAST_MAGNITUDE,
        /** The sum of those with the elected sign. */
        DISJOINT_SUM,
        /** The mean of those with the elected sign that are not zero. */
        DISJOINT_MEAN,
        /** The largest of those with the elected sign. */
        DISJOINT_MAX,
        /** The sum, and the disjoint mean added to it: what the authors' program of Localize-and-Stitch comes to. */
        SUM_AND_DISJOINT_MEAN;

        boolean disjoint() {
            return this == DISJOINT_SUM || this == DISJOINT_MEAN || this == DISJOINT_MAX;
        }
    }

    /** How the merged task vector is scaled besides its factor. */
    enum Scale {
        /** Not at all. */
        NONE,
        /** By a factor that rises with the layer: LiNeS (arXiv 2410.17146). */
        LINES
    }

    static Combine combine(TensorContext context) {
        return context.globals().choice("combine", Combine.class);
    }

    static Elect elect(TensorContext context) {
        return context.globals().choice("elect", Elect.class);
    }

    static ZeroSign zeroSign(TensorContext context) {
        return context.globals().choice("zero_sign", ZeroSign.class);
    }

    static Scope scope(TensorContext context) {
        return context.globals().choice("scope", Scope.class);
    }

    static Scale scale(TensorContext context) {
        return context.globals().choice("scale", Scale.class);
    }

    static Sparsify sparsify(TensorContext.ModelContext model) {
        return model.parameters().choice("sparsify", Sparsify.class);
    }

    /** Whether the tensor takes part; otherwise it stays the base's. */
    static boolean included(TensorContext context) {
        return context.globals().flag("include");
    }

    static double weight(TensorContext.ModelContext model) {
        return model.parameters().number("weight");
    }

    static List<Double> weights(TensorContext context) {
        return context.models().stream().map(Composition::weight).toList();
    }

    static Rescale rescale(TensorContext context) {
        return context.globals().choice("rescale", Rescale.class);
    }

    static Probability probability(TensorContext context) {
        return context.globals().choice("probability", Probability.class);
    }

    static Then then(TensorContext.ModelContext model) {
        return model.parameters().choice("then", Then.class);
    }

    /** Whether nothing is trimmed of a task vector. */
    static boolean keepsAll(TensorContext.ModelContext model) {
        return switch (sparsify(model)) {
            case NONE -> true;
            case MAGNITUDE -> density(model, "") >= 1;
            case RANDOM -> density(model, "") >= 1 && model.mask().isEmpty() && !trims(model);
            case RANKED -> density(model, "") >= 1 && model.mask().isEmpty();
            case DEVIATION, ENERGY, OUTLIERS, MASK -> false;
        };
    }

    /** Whether what is left of a task vector may be thinned further. */
    private static boolean hasStages(TensorContext.ModelContext model) {
        return sparsify(model) == Sparsify.RANDOM || sparsify(model) == Sparsify.MASK;
    }

    /** Whether only the largest elements stay of a task vector, or of what the first stage has left of it. */
    static boolean trims(TensorContext.ModelContext model) {
        return sparsify(model) == Sparsify.MAGNITUDE && !keepsAll(model)
                || hasStages(model) && then(model) == Then.MAGNITUDE && density(model, "then_") < 1;
    }

    /** The parameters that must have one value in the whole model, where anything is found out about it. */
    static final List<String> MODEL_WIDE = List.of("scope", "boundary", "elect", "zero_sign", "scale");

    /** Those of a model, where thresholds are the whole model's. */
    static List<String> modelWide(TensorContext.ModelContext model, Scope scope) {
        return switch (sparsify(model)) {
            case DEVIATION -> List.of("sparsify", "deviations");
            case ENERGY -> List.of("sparsify", "energy");
            case MAGNITUDE -> scope == Scope.MODEL ? List.of("sparsify", "density", "mask_rate") : List.of();
            case RANDOM, MASK -> scope == Scope.MODEL && then(model) != Then.NONE
                    ? List.of("sparsify", "then", "then_density", "then_mask_rate")
                    : List.of();
            case NONE, RANKED, OUTLIERS -> List.of();
        };
    }

    /**
     * The share of elements that stays; {@code mask_rate}, if it is given, is the share that goes.
     *
     * @param stage what the parameters' names start with
     */
    static double density(TensorContext.ModelContext model, String stage) {
        ParameterValues values = model.parameters();
        return values.optional(stage + "mask_rate").isPresent()
                ? 1 - values.number(stage + "mask_rate")
                : values.number(stage + "density");
    }

    /** How many of n elements stay. */
    static long kept(TensorContext.ModelContext model, long n) {
        ParameterValues values = model.parameters();
        String stage = hasStages(model) ? "then_" : "";
        return values.optional(stage + "mask_rate").isPresent()
                ? n - (long) (n * values.number(stage + "mask_rate"))
                : (long) (n * values.number(stage + "density"));
    }

    /**
     * The rank, from 1 for the largest, of the element that trimming compares the others of n with; 0 if none of them stays.
     */
    static long rank(TensorContext.ModelContext model, Boundary boundary, long n) {
        long kept = kept(model, n);
        return Math.min(n, boundary == Boundary.AT_LEAST ? kept + 1 : kept);
    }

    static Boundary boundary(TensorContext context) {
        return context.globals().choice("boundary", Boundary.class);
    }
}
