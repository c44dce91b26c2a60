// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.method.Parameter.Level;
import dev.ingot.method.Parameter.Range;
import java.util.List;
import java.util.Optional;

/**
 * Rebuilds a model from base, {@linkplain Part.Vector vector} and packed {@linkplain Part.Mask mask}. Not a method that
 * configurations can name: the mask is no model. The vector takes the place of the only model.
 */
public final class Reconstruct implements MergeMethod {
    /** Factor on what the mask leaves of the vector. */
    public static final String RESCALER = "rescaler";

    private static final MethodSpec SPEC = new MethodSpec(
            "reconstruct",
            "Reconstruction",
            Optional.empty(),
            "base plus the part of a unified vector that a mask selects",
            List.of(Parameter.number(RESCALER, Level.GLOBAL, 1, Range.ANY, "factor on the masked vector")),
            MethodSpec.BaseRole.ORIGIN,
            1,
            1,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        double rescaler = context.globals().number(RESCALER);
        Step step = new Step.Unpack(bits -> {
            FormulaBuilder formula = new FormulaBuilder(true, 0);
            return MaskedVector.sum(formula, formula.bit(bits), formula.model(0), rescaler);
        });
        return new TensorProgram(step, 1, Needs.NONE.withMasks(1));
    }
}
