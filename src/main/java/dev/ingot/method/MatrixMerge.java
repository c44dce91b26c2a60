// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.Mask;
import dev.ingot.matrix.MatrixShape;
import java.util.List;
import java.util.stream.Stream;

/** A method that works on tensors of two dimensions as whole matrices and treats the others in a simple way. */
abstract class MatrixMerge implements MergeMethod {
    /** Singular values below this, relative to the largest, are rounding errors. */
    static final double NO_DIRECTION = 1e-6;

    /** What is done with a matrix. */
    enum Matrices {
        METHOD,
        AVERAGE,
        BASE
    }

    /** What is done with tensors of other dimensions. */
    enum Others {
        AVERAGE,
        BASE
    }

    /** The method's own parameters and those that all such methods have. */
    static List<Parameter> parameters(Others byDefault, Parameter... own) {
        return Stream.concat(
                        Stream.of(own),
                        Stream.of(
                                Parameter.choice(
                                        "matrices",
                                        Parameter.Level.GLOBAL,
                                        Matrices.class,
                                        Matrices.METHOD,
                                        "what is done with tensors of two dimensions; by filters, some can be taken out"),
                                Parameter.choice(
                                        "others",
                                        Parameter.Level.GLOBAL,
                                        Others.class,
                                        byDefault,
                                        "what is done with all other tensors: the mean of the task vectors, or the base")))
                .toList();
    }

    @Override
    public final TensorProgram program(TensorContext context) {
        if (context.part() instanceof Part.Factor wanted) {
            return context.shape().rank() == 2 ? factor(context, wanted) : difference(context, wanted.task());
        }
        if (context.elements() == 0) {
            return TensorProgram.single(new Step.CopyBase());
        }
        if (context.shape().rank() == 2) {
            return switch (context.globals().choice("matrices", Matrices.class)) {
                case METHOD -> merged(context, shape(context));
                case AVERAGE -> average(context);
                case BASE -> TensorProgram.single(new Step.CopyBase());
            };
        }
        return switch (context.globals().choice("others", Others.class)) {
            case AVERAGE -> average(context);
            case BASE -> TensorProgram.single(new Step.CopyBase());
        };
    }

    /** How to compute a factor of a matrix; for methods {@linkplain #hasFactors with factors}. */
    TensorProgram factor(TensorContext context, Part.Factor wanted) {
        throw new IllegalStateException(spec().name() + " has no factors");
    }

    /** What a model changes. */
    static TensorProgram difference(TensorContext context, int task) {
        FormulaBuilder formula = new FormulaBuilder(context.hasBase(), 0);
        return TensorProgram.single(new Step.Compute(formula.output(formula.delta(task)).build()));
    }

    /** Whether the method itself computes a tensor. */
    static boolean isMerged(TensorContext context) {
        return context.elements() > 0
                && context.shape().rank() == 2
                && context.globals().choice("matrices", Matrices.class) == Matrices.METHOD;
    }

    /** How to compute a matrix. */
    abstract TensorProgram merged(TensorContext context, MatrixShape shape);

    /** Factor on the merged task vector. */
    abstract double factor(TensorContext context);

    /** Factor on a model's task vector before anything else is done. */
    double weight(TensorContext.ModelContext model) {
        return 1;
    }

    final List<Double> weights(TensorContext context) {
        return context.models().stream().map(this::weight).toList();
    }

    /** The shape of a tensor of two dimensions. */
    static MatrixShape shape(TensorContext context) {
        return new MatrixShape(
                Math.toIntExact(context.shape().dim(1)),
                Math.toIntExact(context.shape().dim(0)),
                context.models().size());
    }

    /** Factors of the task vectors in their mean. */
    List<Double> shares(TensorContext context) {
        int count = context.models().size();
        return weights(context).stream().map(weight -> weight / count).toList();
    }

    /** Methods that copy what they merge take more models than a mean does. */
    private TensorProgram average(TensorContext context) {
        int models = context.models().size();
        if (models > DeltaMerge.MAX_TERMS) {
            throw new ConfigException(
                    "tensor " + context.name() + ": the mean of " + models + " models was asked for, it takes at most "
                            + DeltaMerge.MAX_TERMS,
                    "give 'base' for 'matrices' and 'others', or merge fewer models");
        }
        List<DeltaMerge.Term> terms = shares(context).stream()
                .map(share -> new DeltaMerge.Term(share.floatValue(), 1, Mask.NONE))
                .toList();
        return TensorProgram.single(
                new Step.Merge(new DeltaMerge(terms, false, false, 1, (float) factor(context))));
    }
}
