// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import dev.ingot.kernel.DeltaMerge;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Spherical interpolation of any number of models, or of their task vectors: the weighted mean of the directions is taken in
 * the tangent space at their normalized weighted sum, and the result has the weighted mean of the norms. One step, not
 * iterated.
 */
final class MultiSlerp implements MergeMethod {
    private static final MethodSpec SPEC = new MethodSpec(
            "multislerp",
            "Multi-SLERP",
            Optional.empty(),
            "spherical interpolation of any number of models or task vectors",
            List.of(
                    Parameter.required("weight", Parameter.Level.PER_MODEL, Parameter.Range.ANY, "share of the model"),
                    Parameter.flag("normalize_weights", true, "divide the weights by their sum"),
                    Parameter.number(
                            "eps",
                            Parameter.Level.GLOBAL,
                            1e-8,
                            new Parameter.Range(0, true, 1),
                            "added to norms before dividing by them")),
            MethodSpec.BaseRole.OPTIONAL_ORIGIN,
            1,
            DeltaMerge.MAX_TERMS,
            false);

    @Override
    public MethodSpec spec() {
        return SPEC;
    }

    @Override
    public TensorProgram program(TensorContext context) {
        if (context.models().size() == 1) {
            return TensorProgram.single(new Step.CopyModel(0));
        }
        double[] weights = weights(context);
        double eps = context.globals().number("eps");
        return Combination.program(context, gram -> Combination.of(context, coefficients(context, gram, weights, eps)));
    }

    private static double[] weights(TensorContext context) {
        double[] weights = context.models().stream()
                .mapToDouble(model -> model.parameters().number("weight"))
                .toArray();
        if (context.globals().flag("normalize_weights")) {
            double sum = 0;
            for (double weight : weights) {
                sum += weight;
            }
            if (Math.abs(sum) < 1e-8) {
                throw new ConfigException(
                        "multislerp: the weights of tensor " + context.name() + " sum to 0 and cannot be normalized",
                        "change a weight, or set normalize_weights: false");
            }
            for (int i = 0; i < weights.length; i++) {
                weights[i] /= sum;
            }
        }
        return weights;
    }

    /** With u_i = x_i / (|x_i| + eps): all vectors are combinations of the u_i. */
    private static double[] coefficients(TensorContext context, double[][] gram, double[] weights, double eps) {
        int n = weights.length;
        double[] norms = new double[n];
        double[][] unit = new double[n][n];
        for (int i = 0; i < n; i++) {
            norms[i] = Math.sqrt(gram[i][i]);
        }
        if (Arrays.stream(norms).allMatch(norm -> norm == 0)) {
            // Task vectors of a tensor that no model changed, for instance: no directions, and nothing that could cancel out.
            return weights;
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                unit[i][j] = gram[i][j] / ((norms[i] + eps) * (norms[j] + eps));
            }
        }
        double length = Combination.norm(weights, unit);
        if (length < eps) {
            if (n == 2) {
                return weights;
            }
            throw new ConfigException(
                    "multislerp: the weighted directions of tensor " + context.name() + " cancel out",
                    "change the weights, or merge this tensor by another method");
        }
        double[] mean = new double[n];
        for (int i = 0; i < n; i++) {
            mean[i] = weights[i] / length;
        }
        double[] tangent = tangent(unit, weights, mean);
        double angle = Combination.norm(tangent, unit) + eps;
        double size = 0;
        for (int i = 0; i < n; i++) {
            size += weights[i] * norms[i];
        }
        double[] result = new double[n];
        for (int i = 0; i < n; i++) {
            double direction = mean[i] * StrictMath.cos(angle) + tangent[i] * StrictMath.sin(angle) / angle;
            result[i] = size * direction / (norms[i] + eps);
        }
        return result;
    }

    /** Sum of w_i (u_i - (u_i . m) m). */
    private static double[] tangent(double[][] unit, double[] weights, double[] mean) {
        int n = weights.length;
        double[] tangent = weights.clone();
        double along = 0;
        for (int i = 0; i < n; i++) {
            double[] one = new double[n];
            one[i] = 1;
            along += weights[i] * Combination.dot(one, unit, mean);
        }
        for (int i = 0; i < n; i++) {
            tangent[i] -= along * mean[i];
        }
        return tangent;
    }
}
