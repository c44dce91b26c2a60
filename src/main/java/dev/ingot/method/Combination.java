// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.WeightedSum;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Linear combinations whose coefficients come from dot products of the operands: what spherical methods end in. */
final class Combination {
    private Combination() {}

    /** Sum of c_i x_i, or base plus sum of c_i (x_i - base). */
    static Step of(TensorContext context, double[] coefficients) {
        if (!context.hasBase()) {
            List<Float> weights = new ArrayList<>();
            for (double coefficient : coefficients) {
                weights.add((float) coefficient);
            }
            return new Step.Sum(new WeightedSum(weights));
        }
        List<DeltaMerge.Term> terms = new ArrayList<>();
        for (double coefficient : coefficients) {
            terms.add(new DeltaMerge.Term((float) coefficient, 1, Mask.NONE));
        }
        return new Step.Merge(new DeltaMerge(terms, false, false, 1, 1));
    }

    /** The symmetric matrix of dot products from its lower triangle by rows. */
    static double[][] matrix(double[] triangle, int n) {
        double[][] matrix = new double[n][n];
        int next = 0;
        for (int row = 0; row < n; row++) {
            for (int column = 0; column <= row; column++) {
                matrix[row][column] = matrix[column][row] = triangle[next++];
            }
        }
        return matrix;
    }

    /** a' G b, the dot product of two combinations. */
    static double dot(double[] a, double[][] gram, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            double row = 0;
            for (int j = 0; j < b.length; j++) {
                row += gram[i][j] * b[j];
            }
            sum += a[i] * row;
        }
        return sum;
    }

    /** The norm of a combination. */
    static double norm(double[] a, double[][] gram) {
        return Math.sqrt(Math.max(0, dot(a, gram, a)));
    }

    /** A program of one pass for dot products and one for the sum. */
    static TensorProgram program(TensorContext context, Function<double[][], Step> then) {
        int n = context.models().size();
        Step gram = new Step.Gram(context.hasBase(), triangle -> then.apply(matrix(triangle, n)));
        return new TensorProgram(gram, 2, Needs.NONE.withSums(n * (n + 1) / 2, 0));
    }
}
