// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * A singular value decomposition in float64 that shares nothing with the engine's: one-sided Jacobi rotations (Demmel, "Applied
 * Numerical Linear Algebra", section 5.4.3). For small matrices of full rank.
 *
 * @param left   singular vectors, one a row
 * @param values descending
 * @param right  singular vectors, one a row
 */
record SingularValues(double[][] left, double[] values, double[][] right) {
    private static final int SWEEPS = 60;

    /** A matrix from its elements row by row. */
    static double[][] matrix(double[] elements, int columns) {
        return IntStream.range(0, elements.length / columns)
                .mapToObj(row -> Arrays.copyOfRange(elements, row * columns, (row + 1) * columns))
                .toArray(double[][]::new);
    }

    static double[][] transpose(double[][] a) {
        double[][] transposed = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[0].length; j++) {
                transposed[j][i] = a[i][j];
            }
        }
        return transposed;
    }

    static double dot(double[] a, double[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }

    /** Products of all rows, or of all columns where these are fewer. */
    static double[][] gram(double[][] a) {
        double[][] rows = a.length <= a[0].length ? a : transpose(a);
        double[][] gram = new double[rows.length][rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows.length; j++) {
                gram[i][j] = dot(rows[i], rows[j]);
            }
        }
        return gram;
    }

    static SingularValues of(double[][] a) {
        if (a.length > a[0].length) {
            SingularValues transposed = of(transpose(a));
            return new SingularValues(transposed.right, transposed.values, transposed.left);
        }
        double[][] rows = Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
        double[][] turned = new double[rows.length][rows.length];
        for (int i = 0; i < rows.length; i++) {
            turned[i][i] = 1;
        }
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            for (int i = 0; i < rows.length; i++) {
                for (int j = 0; j < i; j++) {
                    double product = dot(rows[i], rows[j]);
                    if (product != 0) {
                        double zeta = (dot(rows[j], rows[j]) - dot(rows[i], rows[i])) / (2 * product);
                        double tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
                        rotate(rows[i], rows[j], tangent);
                        rotate(turned[i], turned[j], tangent);
                    }
                }
            }
        }
        Integer[] order = IntStream.range(0, rows.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble(i -> -dot(rows[i], rows[i])));
        double[] values = Arrays.stream(order).mapToDouble(i -> Math.sqrt(dot(rows[i], rows[i]))).toArray();
        double[][] right = new double[rows.length][];
        for (int k = 0; k < right.length; k++) {
            double value = values[k];
            right[k] = Arrays.stream(rows[order[k]]).map(x -> x / value).toArray();
        }
        return new SingularValues(
                Arrays.stream(order).map(i -> turned[i]).toArray(double[][]::new), values, right);
    }

    private static void rotate(double[] a, double[] b, double tangent) {
        double cosine = 1 / Math.hypot(1, tangent);
        double sine = cosine * tangent;
        for (int k = 0; k < a.length; k++) {
            double first = a[k];
            a[k] = cosine * first - sine * b[k];
            b[k] = sine * first + cosine * b[k];
        }
    }
}
