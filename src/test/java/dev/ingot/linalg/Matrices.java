// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.lang.foreign.Arena;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** Test matrices in an arena, from seeds. */
final class Matrices {
    private final Arena arena;

    Matrices(Arena arena) {
        this.arena = arena;
    }

    Matrix random(int rows, int cols, Precision precision, long seed) {
        Random random = new Random(seed);
        Matrix a = Matrix.allocate(arena, rows, cols, precision);
        for (int j = 0; j < cols; j++) {
            for (int i = 0; i < rows; i++) {
                a.set(i, j, random.nextGaussian());
            }
        }
        return a;
    }

    /** A matrix with these singular values: orthogonal times diagonal times orthogonal, as Householder products in float64. */
    Matrix withValues(int rows, int cols, Precision precision, long seed, IntToDoubleFunction value) {
        double[][] a = new double[rows][cols];
        for (int i = 0; i < Math.min(rows, cols); i++) {
            a[i][i] = value.applyAsDouble(i);
        }
        Random random = new Random(seed);
        for (int reflection = 0; reflection < 12; reflection++) {
            reflectRows(a, unit(random, rows));
            reflectColumns(a, unit(random, cols));
        }
        Matrix matrix = Matrix.allocate(arena, rows, cols, precision);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < cols; j++) {
                matrix.set(i, j, a[i][j]);
            }
        }
        return matrix;
    }

    Svd factors(Matrix a, int rank) {
        return Svd.allocate(arena, a.rows(), a.cols(), rank, a.precision());
    }

    Svd factors(Matrix a) {
        return factors(a, a.smaller());
    }

    Matrix zeros(int rows, int cols, Precision precision) {
        return Matrix.allocate(arena, rows, cols, precision);
    }

    static double[][] rows(Matrix a) {
        double[][] rows = new double[a.rows()][a.cols()];
        for (int i = 0; i < a.rows(); i++) {
            for (int j = 0; j < a.cols(); j++) {
                rows[i][j] = a.get(i, j);
            }
        }
        return rows;
    }

    static double[] column(Matrix a, int col) {
        double[] values = new double[a.rows()];
        for (int i = 0; i < values.length; i++) {
            values[i] = a.get(i, col);
        }
        return values;
    }

    private static double[] unit(Random random, int length) {
        double[] v = new double[length];
        double squares = 0;
        for (int i = 0; i < length; i++) {
            v[i] = random.nextGaussian();
            squares += v[i] * v[i];
        }
        for (int i = 0; i < length; i++) {
            v[i] /= Math.sqrt(squares);
        }
        return v;
    }

    private static void reflectRows(double[][] a, double[] v) {
        for (int j = 0; j < a[0].length; j++) {
            double dot = 0;
            for (int i = 0; i < a.length; i++) {
                dot += v[i] * a[i][j];
            }
            for (int i = 0; i < a.length; i++) {
                a[i][j] -= 2 * dot * v[i];
            }
        }
    }

    private static void reflectColumns(double[][] a, double[] v) {
        for (double[] row : a) {
            double dot = 0;
            for (int j = 0; j < row.length; j++) {
                dot += v[j] * row[j];
            }
            for (int j = 0; j < row.length; j++) {
                row[j] -= 2 * dot * v[j];
            }
        }
    }
}
