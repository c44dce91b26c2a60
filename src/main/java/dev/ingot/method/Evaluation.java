// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Table;
import java.util.List;

/**
 * What a formula gave for a whole tensor. Results by row may be many, so they stay outside the Java heap, where they can be read
 * until the next step has been made.
 *
 * @param elements number of elements of the tensor
 * @param rows     number of rows; one where the formula knows no rows
 * @param results  gives each result of each row
 * @param masks    its outputs of bits
 */
public record Evaluation(long elements, int rows, Results results, List<Table> masks) {
    /** Results by row. */
    @FunctionalInterface
    public interface Results {
        /** A result of a row, both counted from 0. */
        double at(int row, int result);
    }

    /** A result of a formula without rows. */
    public double value(int result) {
        return results.at(0, result);
    }

    /** The sum of a result over all rows. */
    public double total(int result) {
        double sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += results.at(row, result);
        }
        return sum;
    }

    /** The first results of a row. */
    public double[] row(int row, int count) {
        double[] values = new double[count];
        for (int result = 0; result < count; result++) {
            values[result] = results.at(row, result);
        }
        return values;
    }

    /** A result as a table by row, rounded to float32. */
    public Table rows(int result) {
        float[] entries = new float[rows];
        for (int row = 0; row < rows; row++) {
            entries[row] = (float) results.at(row, result);
        }
        return Table.of(entries);
    }
}
