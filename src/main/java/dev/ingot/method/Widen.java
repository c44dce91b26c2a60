// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.kernel.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * WIDEN (arXiv 2408.03092): base plus task vectors whose columns are weighted by how much they changed in length and
 * in direction, among the columns of their model and beside those of the other models.
 *
 * <p>A column of a matrix belongs to an input feature; in the input embedding the vector of a token, a row as it is
 * stored, takes its place. Vectors are weighted elementwise, by the change itself.
 */
final class Widen implements MergeMethod {
    /** The dot products of all models and the base are within the results of a formula. */
    private static final int MOST_MODELS = (Formula.MAX_RESULTS - 1) / 2;

    /** Names of input embeddings, which hold one row per token. */
    private static final Pattern EMBEDDING = Pattern.compile(
            "(.*\\.)?(embed_tokens|embed_in|word_embeddings|tok_embeddings|token_embedding|wte|backbone\\.embeddings)"
                    + "\\.weight");

    private static final Parameter.Range NOT_NEGATIVE = new Parameter.Range(0, false, Double.MAX_VALUE);

    private static final MethodSpec SPEC = new MethodSpec(
            "widen",
            "WIDEN",
            Optional.of(new MethodSpec.Paper(
                    "Extend Model Merging from Fine-Tuned to Pre-Trained Large Language Models via Weight"
                            + " Disentanglement",
                    "https://arxiv.org/abs/2408.03092")),
            "task vectors weighted by column, by the ranks of their changes in length and direction",
            List.of(
                    Parameter.number(
                            "above_average_value_ratio",
                            Parameter.Level.GLOBAL,
                            1,
                            NOT_NEGATIVE,
                            "changes above this multiple of their average are calibrated; 1 in the paper"),
                    Parameter.number(
                            "score_calibration_value",
                            Parameter.Level.GLOBAL,
                            1,
                            NOT_NEGATIVE,
                            "the score that they get; 1 in the paper")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            MOST_MODELS,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        int models = context.models().size();
        if (context.elements() == 0) {
            return TensorProgram.single(new Step.CopyBase());
        }
        if (context.shape().rank() < 2) {
            return new TensorProgram(vectorChanges(context), 2, Needs.NONE.withSums(models, 0));
        }
        if (EMBEDDING.matcher(context.name()).matches()) {
            // Beside the products two ranks and a weight by model, of 32 bits each, and what one ranking sorts.
            int numbers = 2 * models + 1 + 2 * models + 3;
            return new TensorProgram(tokenProducts(context), 2, Needs.NONE.withSums(numbers, context.rowLength()));
        }
        return new TensorProgram(
                columnProducts(context, List.of()), models + 1, Needs.NONE.withColumns(3, context.rowLength()));
    }

    /** The ranks of the models one after the other, then the merge. */
    private static Step columnProducts(TensorContext context, List<ColumnRanks> known) {
        FormulaBuilder formula = new FormulaBuilder(true, context.rowLength());
        formula.output(formula.model(known.size())).output(formula.base());
        return new Step.ColumnGram(formula.build(), products -> {
            List<ColumnRanks> ranks = new ArrayList<>(known);
            ranks.add(ColumnRanks.of(products.length, (column, product) -> products[column][product]));
            return ranks.size() < context.models().size()
                    ? columnProducts(context, ranks)
                    : merge(context, ranks, false);
        });
    }

    private static Step tokenProducts(TensorContext context) {
        int models = context.models().size();
        FormulaBuilder formula = new FormulaBuilder(true, context.rowLength());
        for (int i = 0; i < models; i++) {
            Value model = formula.model(i);
            formula.sumOfProducts(model, model).sumOfProducts(model, formula.base());
        }
        formula.sumOfProducts(formula.base(), formula.base());
        return new Step.Evaluate(formula.build(), found -> {
            List<ColumnRanks> ranks = new ArrayList<>();
            for (int i = 0; i < models; i++) {
                int first = 2 * i;
                ranks.add(ColumnRanks.of(
                        found.rows(),
                        (row, product) -> found.results().at(row, product == 2 ? 2 * models : first + product)));
            }
            return merge(context, ranks, true);
        });
    }

    private static Step merge(TensorContext context, List<ColumnRanks> ranks, boolean tokens) {
        Scores magnitude = scores(context, ranks.stream().map(ColumnRanks::magnitude).toList());
        Scores direction = scores(context, ranks.stream().map(ColumnRanks::direction).toList());
        FormulaBuilder formula = new FormulaBuilder(true, context.rowLength());
        Value sum = formula.constant(0);
        for (int i = 0; i < ranks.size(); i++) {
            float[] weights = new float[magnitude.columns()];
            for (int column = 0; column < weights.length; column++) {
                weights[column] = (float) (0.5 * (magnitude.of(i, column) + direction.of(i, column)));
            }
            Table table = Table.of(weights);
            Value weight = tokens ? formula.row(table) : formula.column(table);
            sum = formula.add(sum, formula.mul(weight, formula.delta(i)));
        }
        return new Step.Compute(formula.output(formula.add(formula.base(), sum)).build());
    }

    private static Scores scores(TensorContext context, List<Places> places) {
        return Scores.of(
                places,
                context.globals().number("above_average_value_ratio"),
                context.globals().number("score_calibration_value"));
    }

    /**
     * Softmax of ranks over models, or one value where a rank is above a limit.
     *
     * @param places     by model
     * @param sums       of the exponentials of the ranks, by column
     * @param limit      of ranks
     * @param calibrated the score above it
     */
    private record Scores(List<Places> places, double[] sums, double limit, double calibrated) {
        static Scores of(List<Places> places, double ratio, double calibrated) {
            int columns = places.getFirst().count();
            double[] sums = new double[columns];
            for (Places model : places) {
                for (int column = 0; column < columns; column++) {
                    sums[column] += StrictMath.exp(model.rank(column));
                }
            }
            // Rounding decides where a rank equals the limit: the order of operations is the authors'.
            return new Scores(places, sums, (columns - 1) / (2.0 * columns) * ratio, calibrated);
        }

        int columns() {
            return sums.length;
        }

        double of(int model, int column) {
            double rank = places.get(model).rank(column);
            return rank > limit ? calibrated : StrictMath.exp(rank) / sums[column];
        }
    }

    private static Step vectorChanges(TensorContext context) {
        int models = context.models().size();
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        for (int i = 0; i < models; i++) {
            formula.sum(formula.abs(formula.delta(i)));
        }
        double ratio = context.globals().number("above_average_value_ratio");
        return new Step.Evaluate(formula.build(), found -> {
            double[] limits = new double[models];
            Arrays.setAll(limits, i -> ratio * (found.value(i) / found.elements()));
            return new Step.Compute(vectorMerge(context.globals().number("score_calibration_value"), limits));
        });
    }

    /** The scores are a softmax over models of |d|, calibrated where |d| is above the limit of its model. */
    private static Formula vectorMerge(double calibrated, double[] limits) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        Value largest = formula.abs(formula.delta(0));
        for (int i = 1; i < limits.length; i++) {
            largest = formula.max(largest, formula.abs(formula.delta(i)));
        }
        Value exponentials = formula.constant(0);
        for (int i = 0; i < limits.length; i++) {
            exponentials = formula.add(exponentials, exponential(formula, i, largest));
        }
        Value sum = formula.constant(0);
        for (int i = 0; i < limits.length; i++) {
            Value above = formula.greater(formula.abs(formula.delta(i)), formula.constant(limits[i]));
            Value share = formula.div(exponential(formula, i, largest), exponentials);
            Value score = formula.select(above, formula.constant(calibrated), share);
            sum = formula.add(sum, formula.mul(formula.delta(i), score));
        }
        return formula.output(formula.add(formula.base(), sum)).build();
    }

    private static Value exponential(FormulaBuilder formula, int model, Value largest) {
        return formula.exp(formula.sub(formula.abs(formula.delta(model)), largest));
    }
}
