// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.WeightedSum;
import java.util.List;
import java.util.Optional;

/**
 * Spherical linear interpolation of two models, one angle per tensor: with c the cosine of the tensors and theta = acos c,
 * sin((1 - t) theta) / sin(theta) v0 + sin(t theta) / sin(theta) v1 on the tensors as they are, not normalized. Nearly
 * parallel or antiparallel tensors (|c| &gt; {@value #PARALLEL}) are interpolated linearly; a tensor of norm at most
 * {@value #ZERO_NORM} counts as orthogonal up to its own size, as in mergekit.
 *
 * <p>Source: Shoemake, "Animating rotation with quaternion curves" (SIGGRAPH 1985).
 */
final class Slerp implements MergeMethod {
    static final double PARALLEL = 0.9995;
    static final double ZERO_NORM = 1e-8;

    private static final MethodSpec SPEC = new MethodSpec(
            "slerp",
            "SLERP",
            Optional.empty(),
            "spherical interpolation from the base model to one other",
            List.of(Parameter.required(
                    "t", Parameter.Level.GLOBAL, Parameter.Range.ANY, "0 gives the base model, 1 the other")),
            MethodSpec.BaseRole.FIRST,
            2,
            2,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        double t = context.globals().number("t");
        return new TensorProgram(
                new Step.Gram(false, gram -> {
                    double norm0 = Math.sqrt(gram[0]);
                    double norm1 = Math.sqrt(gram[2]);
                    double scale = (norm0 > ZERO_NORM ? norm0 : 1) * (norm1 > ZERO_NORM ? norm1 : 1);
                    return new Step.Sum(weights(gram[1] / scale, t));
                }),
                2,
                Needs.NONE.withSums(3, 0));
    }

    static WeightedSum weights(double cosine, double t) {
        if (Math.abs(cosine) > PARALLEL) {
            return new WeightedSum(List.of((float) (1 - t), (float) t));
        }
        double theta = StrictMath.acos(cosine);
        double sine = StrictMath.sin(theta);
        return new WeightedSum(List.of(
                (float) (StrictMath.sin(theta - theta * t) / sine), (float) (StrictMath.sin(theta * t) / sine)));
    }
}
