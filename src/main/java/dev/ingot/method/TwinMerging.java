// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import dev.ingot.matrix.ExclusiveExperts;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Twin-Merging (arXiv 2406.15479): a shared model, base plus a factor times the sum of task vectors, and for each task what it
 * differs from the shared model by, compressed. A model is the shared one plus these differences, as a router weighs them.
 */
final class TwinMerging implements MergeMethod {
    /** How differences are compressed. */
    enum Strategy {
        SVD,
        MAGNITUDE,
        BERNOULLI
    }

    /** Which differences are added. */
    enum Experts {
        TASK,
        SHARED,
        MIXED
    }

    private static final String ROUTER = "router";
    private static final String MASK_RATE = "mask_rate";

    private static final MethodSpec SPEC = new MethodSpec(
            "twin_merging",
            "Twin-Merging",
            Optional.of(new MethodSpec.Paper(
                    "Twin-Merging: Dynamic Integration of Modular Expertise in Model Merging",
                    "https://arxiv.org/abs/2406.15479")),
            "a shared model plus compressed differences of tasks from it",
            List.of(
                    Parameter.number(
                            "scaling",
                            Parameter.Level.GLOBAL,
                            0.3,
                            Parameter.Range.ANY,
                            "factor on the sum of task vectors in the shared model; the authors take 0.29 and 0.3"),
                    Parameter.number(
                            MASK_RATE,
                            Parameter.Level.GLOBAL,
                            0.9,
                            new Parameter.Range(0, false, 1),
                            "share of a difference that is left out: of its singular values, or its elements; 0.8 to 0.99"
                                    + " are usual"),
                    Parameter.choice(
                            "strategy",
                            Parameter.Level.GLOBAL,
                            Strategy.class,
                            Strategy.SVD,
                            "whether leading singular values, the largest elements, or elements at random are kept"),
                    Parameter.choice(
                            "experts",
                            Parameter.Level.GLOBAL,
                            Experts.class,
                            Experts.TASK,
                            "which differences are added to the shared model: one task's, none, or those of all as"
                                    + " 'router' says"),
                    MaskedVector.TASK_FLAG,
                    MaskedVector.TASK_INDEX,
                    Parameter.number(
                            ROUTER,
                            Parameter.Level.PER_MODEL,
                            0,
                            Parameter.Range.ANY,
                            "with experts: mixed, what a router says of the task"),
                    Parameter.flag(
                            "softmax", true, "whether the router's numbers are logits; otherwise they are factors")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            true);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        Elements elements = new Elements(context, context.globals().number("scaling"), shares(context));
        double density = 1 - context.globals().number(MASK_RATE);
        boolean whole = context.shape().rank() == 1 || density >= 1;
        if (density <= 0 || elements.tasks().isEmpty()) {
            return TensorProgram.single(elements.shared());
        }
        if (whole) {
            return TensorProgram.single(elements.whole());
        }
        return switch (context.globals().choice("strategy", Strategy.class)) {
            case SVD -> context.shape().rank() == 2 ? vectors(context, elements, density) : TensorProgram.single(elements.whole());
            case MAGNITUDE -> elements.largest((long) (density * context.elements()));
            case BERNOULLI -> elements.random(density);
        };
    }

    /** Each tensor stands alone, but a model's place must be the same in all. */
    @Override
    public Optional<ModelStep> survey(List<TensorContext> tensors) {
        MaskedVector.checkPlaces(tensors, tensor -> experts(tensor) != Experts.SHARED, "differences belong to single ones");
        return Optional.empty();
    }

    private static Experts experts(TensorContext context) {
        return context.globals().choice("experts", Experts.class);
    }

    /** The factors of the tasks' differences. */
    private static List<Double> shares(TensorContext context) {
        int models = context.models().size();
        return switch (experts(context)) {
            case SHARED -> Collections.nCopies(models, 0.0);
            case TASK -> {
                int task = MaskedVector.task(context, "choose experts: shared or mixed");
                yield IntStream.range(0, models).mapToObj(model -> model == task ? 1.0 : 0.0).toList();
            }
            case MIXED -> {
                List<Double> router = context.models().stream()
                        .map(model -> model.parameters().number(ROUTER))
                        .toList();
                yield context.globals().flag("softmax") ? softmax(router) : router;
            }
        };
    }

    private static List<Double> softmax(List<Double> logits) {
        double largest = Collections.max(logits);
        List<Double> powers = logits.stream().map(logit -> StrictMath.exp(logit - largest)).toList();
        double sum = 0;
        for (double power : powers) {
            sum += power;
        }
        double total = sum;
        return powers.stream().map(power -> power / total).toList();
    }

    private static TensorProgram vectors(TensorContext context, Elements elements, double density) {
        MatrixShape shape = MatrixMerge.shape(context);
        int rank = (int) (density * shape.smaller());
        if (rank == 0) {
            return TensorProgram.single(elements.shared());
        }
        MatrixProgram program = new ExclusiveExperts(shape, elements.scaling(), rank, elements.shares());
        Step step = new Step.Matrices(program, facts -> new Step.AddProduct(0, 1));
        return TensorProgram.writing(step, program);
    }

    /**
     * What is computed element by element.
     *
     * @param scaling factor on the sum of task vectors
     * @param shares  factors of the differences
     */
    private record Elements(TensorContext context, double scaling, List<Double> shares) {
        /** What is kept of a task's difference. */
        private interface Kept {
            Value of(FormulaBuilder formula, int task, Value difference);
        }

        /** The tasks that have a share. */
        List<Integer> tasks() {
            return IntStream.range(0, shares.size()).filter(task -> shares.get(task) != 0).boxed().toList();
        }

        private Value vector(FormulaBuilder formula) {
            Value sum = formula.delta(0);
            for (int i = 1; i < shares.size(); i++) {
                sum = formula.add(sum, formula.delta(i));
            }
            return formula.mul(scaling, sum);
        }

        private FormulaBuilder merged(FormulaBuilder formula, Kept kept) {
            Value shared = vector(formula);
            Value merged = shared;
            for (int task : tasks()) {
                Value part = kept.of(formula, task, formula.sub(formula.delta(task), shared));
                merged = formula.add(merged, formula.mul(shares.get(task), part));
            }
            return formula.output(formula.add(formula.base(), merged));
        }

        private static FormulaBuilder formula() {
            return new FormulaBuilder(true, 0);
        }

        Step shared() {
            FormulaBuilder formula = formula();
            return new Step.Compute(
                    formula.output(formula.add(formula.base(), vector(formula))).build());
        }

        Step whole() {
            return new Step.Compute(merged(formula(), (formula, task, difference) -> difference).build());
        }

        TensorProgram largest(long number) {
            if (number == 0) {
                return TensorProgram.single(shared());
            }
            List<Integer> tasks = tasks();
            List<Step.Pick> picks = new ArrayList<>();
            for (int task : tasks) {
                FormulaBuilder formula = formula();
                Value difference = formula.sub(formula.delta(task), vector(formula));
                Score score = new Score.Computed(formula.output(difference).build());
                picks.add(new Step.Pick(score, number));
            }
            Step select = new Step.Select(picks, found -> new Step.Compute(merged(formula(), (formula, task, difference) -> {
                Value largest = formula.largest(found.get(tasks.indexOf(task)).magnitude(), difference);
                return formula.select(largest, difference, formula.constant(0));
            }).build()));
            return new TensorProgram(select, 2, Needs.NONE.withPicks(0, picks.size()));
        }

        TensorProgram random(double density) {
            FormulaBuilder formula = formula();
            FurtherInputs further = new FurtherInputs(context, formula);
            Value threshold = formula.constant(context.random().threshold(density));
            merged(formula, (same, task, difference) -> {
                Value kept = formula.greater(threshold, further.uniform(further.model(task)));
                return formula.mul(1 / density, formula.select(kept, difference, formula.constant(0)));
            });
            Step step = new Step.Compute(formula.build(), further.inputs());
            return new TensorProgram(step, 1, Needs.NONE.withDraws(further.draws()));
        }
    }
}
