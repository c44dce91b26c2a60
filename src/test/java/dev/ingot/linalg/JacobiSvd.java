// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.util.Arrays;

/** Singular values by one-sided Jacobi rotations in plain Java: slow, accurate, and without any code of the tested classes. */
final class JacobiSvd {
    private JacobiSvd() {}

    /** @param rows a matrix, row by row; descending values */
    static double[] values(double[][] rows) {
        double[][] columns = rows.length >= rows[0].length ? transpose(rows) : copy(rows);
        for (int sweep = 0; sweep < 60 && rotates(columns); sweep++) {
            // Sweeps go on until no pair of columns needs a rotation.
        }
        double[] values = Arrays.stream(columns).mapToDouble(c -> Math.sqrt(dot(c, c))).sorted().toArray();
        double[] descending = new double[values.length];
        Arrays.setAll(descending, i -> values[values.length - 1 - i]);
        return descending;
    }

    private static boolean rotates(double[][] columns) {
        boolean any = false;
        for (int p = 0; p < columns.length; p++) {
            for (int q = p + 1; q < columns.length; q++) {
                double pp = dot(columns[p], columns[p]);
                double qq = dot(columns[q], columns[q]);
                double pq = dot(columns[p], columns[q]);
                if (Math.abs(pq) <= 1e-15 * Math.sqrt(pp * qq) || pq == 0) {
                    continue;
                }
                any = true;
                double zeta = (qq - pp) / (2 * pq);
                double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
                double c = 1 / Math.sqrt(1 + t * t);
                for (int i = 0; i < columns[p].length; i++) {
                    double x = columns[p][i];
                    double y = columns[q][i];
                    columns[p][i] = c * x - c * t * y;
                    columns[q][i] = c * t * x + c * y;
                }
            }
        }
        return any;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    private static double[][] copy(double[][] rows) {
        return Arrays.stream(rows).map(double[]::clone).toArray(double[][]::new);
    }

    private static double[][] transpose(double[][] rows) {
        double[][] columns = new double[rows[0].length][rows.length];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[0].length; j++) {
                columns[j][i] = rows[i][j];
            }
        }
        return columns;
    }
}
