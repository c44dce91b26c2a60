// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixProductTest {
    /** Whole numbers, whose products and sums are exact in any order. */
    private static float[][] matrix(int rows, int columns, Random random) {
        float[][] matrix = new float[rows][columns];
        for (float[] row : matrix) {
            for (int i = 0; i < columns; i++) {
                row[i] = random.nextInt(-9, 10);
            }
        }
        return matrix;
    }

    /** Around the blocks of 16 and pairs of rows and the fours of inputs. */
    @ParameterizedTest
    @CsvSource({"0, 3, 4", "1, 4, 5", "2, 1, 1", "3, 7, 9", "16, 8, 33", "17, 5, 2", "35, 6, 100"})
    void addsTheProduct(int rows, int inputs, int outputs) {
        Random random = new Random(rows);
        float[][] x = matrix(rows, inputs, random);
        float[][] w = matrix(inputs, outputs, random);
        float[][] y = matrix(rows, outputs, random);
        float[][] expected = new float[rows][outputs];
        for (int i = 0; i < rows; i++) {
            for (int out = 0; out < outputs; out++) {
                expected[i][out] = y[i][out];
                for (int in = 0; in < inputs; in++) {
                    expected[i][out] += x[i][in] * w[in][out];
                }
            }
        }
        MatrixProduct.add(y, x, w);
        assertThat(y).isDeepEqualTo(expected);
    }
}
