// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * One task vector for all models, and the part of it that belongs to each: base + factor (mask * vector) is a model.
 *
 * @param vector an element of the vector
 * @param mask   whether it belongs to a model: a truth value, from the vector's element and the model's place
 */
record MaskedVector(Function<FormulaBuilder, Value> vector, Masked mask) {
    /** The flag that tells which of the models is rebuilt. */
    static final String TASK = "task";

    /** The parameter for it. */
    static final Parameter TASK_FLAG = Parameter.flag(
            TASK, Parameter.Level.PER_MODEL, false, "marks the model that is rebuilt; not needed for 'ingot masks'");

    private static final String INDEX = "task_index";

    /** The parameter that names the model by its place instead. */
    static final Parameter TASK_INDEX = Parameter.optional(
            INDEX,
            Parameter.Level.GLOBAL,
            new Parameter.Range(0, false, DeltaMerge.MAX_TERMS - 1),
            "place of the model that is rebuilt, from 0, instead of a mark");

    /** Decides which elements belong to a model. */
    @FunctionalInterface
    interface Masked {
        Value of(FormulaBuilder formula, Value vector, int task);
    }

    /** The last step of a part; the model's is that of the task which is marked. */
    Step step(TensorContext context, double factor) {
        return switch (context.part()) {
            case Part.Model() -> {
                int task = task(context);
                FormulaBuilder formula = new FormulaBuilder(true, 0);
                Value element = vector.apply(formula);
                yield sum(formula, mask.of(formula, element, task), element, factor);
            }
            case Part.Vector() -> {
                FormulaBuilder formula = new FormulaBuilder(true, 0);
                yield new Step.Compute(formula.output(vector.apply(formula)).build());
            }
            case Part.Mask(int task) -> {
                FormulaBuilder formula = new FormulaBuilder(true, 0);
                yield new Step.Pack(formula.bits(mask.of(formula, vector.apply(formula), task)).build());
            }
            case Part.Factor wanted -> throw new IllegalStateException("there are no factors besides masks");
        };
    }

    /** Base plus factor times what the mask leaves of the vector. */
    static Step sum(FormulaBuilder formula, Value mask, Value vector, double factor) {
        Value kept = formula.select(mask, vector, formula.constant(0));
        Value scaled = (float) factor == 1 ? kept : formula.mul(factor, kept);
        return new Step.Compute(formula.output(formula.add(formula.base(), scaled)).build());
    }

    /** Of a tensor that takes no part: the base itself, a vector of zeros, an empty mask. */
    static Step nothing(TensorContext context) {
        return context.part() instanceof Part.Model
                ? new Step.CopyBase()
                : new MaskedVector(formula -> formula.constant(0), (formula, vector, task) -> vector).step(context, 1);
    }

    /**
     * The place of the model that is marked, for methods with masks.
     *
     * @throws ConfigException if there is none, or several
     */
    static int task(TensorContext context) {
        return task(context, "write vector and masks of all with 'ingot masks'");
    }

    /**
     * The place of the model that is marked.
     *
     * @param otherwise what the method does without a mark, said to those who gave none
     * @throws ConfigException if there is none, or several
     */
    static int task(TensorContext context, String otherwise) {
        List<TensorContext.ModelContext> models = context.models();
        OptionalDouble index = context.globals().optional(INDEX);
        if (index.isPresent()) {
            double place = index.getAsDouble();
            if (place != Math.rint(place) || place >= models.size()) {
                throw new ConfigException(
                        "tensor " + context.name() + ": 'task_index' is the place of no model, there are " + models.size(),
                        "give a whole number from 0 to " + (models.size() - 1));
            }
            return (int) place;
        }
        if (models.size() == 1) {
            return 0;
        }
        List<Integer> marked = IntStream.range(0, models.size())
                .filter(model -> models.get(model).parameters().flag(TASK))
                .boxed()
                .toList();
        if (marked.size() != 1) {
            throw new ConfigException(
                    "tensor " + context.name() + ": " + marked.size() + " of the models are marked by 'task', which of them is to be"
                            + " rebuilt is not clear",
                    "give one model the parameter task: true, or " + otherwise);
        }
        return marked.getFirst();
    }

    /**
     * Refuses tensors that some models lack where the model that is rebuilt is told by its place.
     *
     * @throws ConfigException if there are some
     */
    static void checkTask(List<TensorContext> tensors) {
        checkPlaces(
                tensors,
                tensor -> tensor.part() instanceof Part.Model
                        && (tensor.globals().optional(INDEX).isPresent()
                                || tensor.models().stream().noneMatch(model -> model.parameters().flag(TASK))),
                "one of them is to be rebuilt");
    }

    /**
     * Refuses tensors that some models lack, where places would be those of other models.
     *
     * @param tensors all of the merge
     * @param counts  whether the places of a tensor's models matter
     * @param reason  why they do
     * @throws ConfigException if there are some
     */
    static void checkPlaces(List<TensorContext> tensors, Predicate<TensorContext> counts, String reason) {
        SameModels.check(
                tensors.stream().filter(counts).toList(),
                tensors,
                "and " + reason,
                "complete the models, or leave those out that lack the tensor");
    }

    /**
     * Refuses tensors that some models lack, whose masks would count other models, and parameters that are not those of the model
     * as a whole.
     *
     * @throws ConfigException if there are some
     */
    static void checkAgreement(List<TensorContext> tensors) {
        checkPlaces(tensors, tensor -> true, "masks belong to all of them");
        for (TensorContext tensor : tensors) {
            TensorContext first = tensors.getFirst();
            if (!tensor.models().equals(first.models()) || !tensor.globals().equals(first.globals())) {
                throw new ConfigException(
                        "parameters differ between tensors " + first.name() + " and " + tensor.name()
                                + ", but belong to the model as a whole",
                        "give one value per parameter, or one per model, without filters and gradients");
            }
        }
    }
}
