// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.WeightedSum;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** One model's tensors as they are, optionally multiplied by {@code scale}; with slices it stacks layers. */
final class Passthrough implements MergeMethod {
    private static final MethodSpec SPEC = new MethodSpec(
            "passthrough",
            "Passthrough",
            Optional.empty(),
            "tensors of one model per slice, optionally scaled",
            List.of(Parameter.optional(
                    "scale", Parameter.Level.PER_MODEL, Parameter.Range.ANY, "factor on the tensor; unset copies it")),
            MethodSpec.BaseRole.UNUSED,
            1,
            1,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        OptionalDouble scale = context.models().getFirst().parameters().optional("scale");
        return TensorProgram.single(
                scale.isEmpty() || scale.getAsDouble() == 1
                        ? new Step.CopyModel(0)
                        : new Step.Sum(new WeightedSum(List.of((float) scale.getAsDouble()))));
    }
}
