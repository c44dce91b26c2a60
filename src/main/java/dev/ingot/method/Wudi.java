// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.matrix.Adam;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.matrix.MatrixShape;
import dev.ingot.matrix.Sgd;
import dev.ingot.matrix.WudiDescent;
import java.util.Optional;

/** WUDI-Merging (arXiv 2503.08099). */
final class Wudi extends ScaledMatrixMerge {
    private static final double RATE = 1e-5;

    /** Which optimiser. */
    enum Rule {
        ADAM,
        SGD
    }

    /** What a task's part of the loss is divided by: the squared norm of its vector, or the norm. */
    enum Norm {
        SQUARED,
        PLAIN
    }

    private static final MethodSpec SPEC = new MethodSpec(
            "wudi",
            "WUDI-Merging",
            Optional.of(new MethodSpec.Paper(
                    "Whoever Started the Interference Should End It: Guiding Data-Free Model Merging via Task Vectors",
                    "https://arxiv.org/abs/2503.08099")),
            "optimiser steps from the sum of the task vectors to less interference with each task",
            parameters(
                    Others.AVERAGE,
                    Start.SUM.parameter(),
                    IterativeParameters.STEPS,
                    Parameter.number(
                            "learning_rate",
                            Parameter.Level.GLOBAL,
                            RATE,
                            IterativeParameters.POSITIVE,
                            IterativeParameters.RATE_MEANS),
                    Parameter.choice(
                            "optimiser", Parameter.Level.GLOBAL, Rule.class, Rule.ADAM, "whose steps are made"),
                    Parameter.number(
                            "momentum",
                            Parameter.Level.GLOBAL,
                            0,
                            IterativeParameters.MOMENTUM,
                            "of sgd, recommended 0 to 0.9; adam has its own"),
                    Parameter.choice(
                            "norm",
                            Parameter.Level.GLOBAL,
                            Norm.class,
                            Norm.SQUARED,
                            "what a task's part of the loss is divided by; plain is the authors' earlier form"),
                    SCALE),
            MethodSpec.BaseRole.ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            false);

    Wudi() {
        super(SPEC);
    }

    @Override
    MatrixProgram program(TensorContext context, MatrixShape shape) {
        ParameterValues values = context.globals();
        double rate = values.number("learning_rate");
        return new WudiDescent(
                shape,
                switch (values.choice("optimiser", Rule.class)) {
                    case ADAM -> Adam.of(rate);
                    case SGD -> new Sgd(rate, values.number("momentum"));
                },
                WholeNumber.of(context, IterativeParameters.STEPS.name()),
                Start.of(values).share(shape.models()),
                values.choice("norm", Norm.class) == Norm.SQUARED);
    }
}
