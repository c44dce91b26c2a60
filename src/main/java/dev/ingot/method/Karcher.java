// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Riemannian center of mass (Karcher mean) of the models' directions on the sphere, times the mean of their norms. Source:
 * Karcher, "Riemannian center of mass and mollifier smoothing" (1977). All iterates are combinations of the models, so that
 * the iteration needs nothing but their dot products.
 */
final class Karcher implements MergeMethod {
    private static final MethodSpec SPEC = new MethodSpec(
            "karcher",
            "Karcher mean",
            Optional.empty(),
            "center of the models' directions on the sphere, of mean norm",
            List.of(
                    Parameter.number(
                            "max_iter",
                            Parameter.Level.GLOBAL,
                            10,
                            new Parameter.Range(0, false, 1e6),
                            "most iterations"),
                    Parameter.number(
                            "tol",
                            Parameter.Level.GLOBAL,
                            1e-5,
                            new Parameter.Range(0, false, 1),
                            "length of a step from which on the iteration has converged")),
            MethodSpec.BaseRole.MEMBER,
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
        double tolerance = context.globals().number("tol");
        int iterations = WholeNumber.of(context, "max_iter");
        return Combination.program(
                context, gram -> Combination.of(context, coefficients(gram, tolerance, iterations)));
    }

    private static double[] coefficients(double[][] gram, double tolerance, int iterations) {
        int n = gram.length;
        double[] norms = new double[n];
        int valid = 0;
        double size = 0;
        for (int i = 0; i < n; i++) {
            norms[i] = Math.sqrt(gram[i][i]);
            size += norms[i] / n;
            valid += norms[i] > tolerance ? 1 : 0;
        }
        double[] result = new double[n];
        if (valid == 0) {
            return result;
        }
        double[][] unit = new double[n][n];
        double[] mean = new double[n];
        for (int i = 0; i < n; i++) {
            if (norms[i] > tolerance) {
                mean[i] = 1.0 / valid;
                for (int j = 0; j < n; j++) {
                    unit[i][j] = norms[j] > tolerance ? gram[i][j] / (norms[i] * norms[j]) : 0;
                }
            }
        }
        mean = start(mean, unit, tolerance);
        for (int i = 0; i < iterations; i++) {
            double[] step = step(mean, unit, norms, valid, tolerance);
            double length = Combination.norm(step, unit);
            if (length <= tolerance) {
                break;
            }
            mean = move(mean, step, length, unit, tolerance);
        }
        for (int i = 0; i < n; i++) {
            result[i] = norms[i] > tolerance ? size * mean[i] / norms[i] : 0;
        }
        return result;
    }

    /** The normalized mean of the directions, or the first one if they cancel out. */
    private static double[] start(double[] mean, double[][] unit, double tolerance) {
        double length = Combination.norm(mean, unit);
        if (length > tolerance) {
            return Arrays.stream(mean).map(coefficient -> coefficient / length).toArray();
        }
        double[] first = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
            if (mean[i] != 0) {
                first[i] = 1;
                break;
            }
        }
        return first;
    }

    /** The mean of the logarithms of the directions at the current point. */
    private static double[] step(double[] mean, double[][] unit, double[] norms, int valid, double tolerance) {
        double[] step = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
            if (norms[i] <= tolerance) {
                continue;
            }
            double cosine = 0;
            for (int j = 0; j < mean.length; j++) {
                cosine += unit[i][j] * mean[j];
            }
            cosine = Math.clamp(cosine, -1, 1);
            double angle = StrictMath.acos(cosine);
            double sine = StrictMath.sin(angle);
            // An antipode has no logarithm: every direction leads there.
            if (angle <= tolerance || sine <= tolerance) {
                continue;
            }
            double factor = angle / sine / valid;
            step[i] += factor;
            for (int j = 0; j < mean.length; j++) {
                step[j] -= factor * cosine * mean[j];
            }
        }
        return step;
    }

    private static double[] move(double[] mean, double[] step, double length, double[][] unit, double tolerance) {
        double[] moved = new double[mean.length];
        for (int i = 0; i < mean.length; i++) {
            moved[i] = StrictMath.cos(length) * mean[i] + StrictMath.sin(length) * step[i] / length;
        }
        double norm = Combination.norm(moved, unit);
        return norm > tolerance ? Arrays.stream(moved).map(coefficient -> coefficient / norm).toArray() : moved;
    }
}
