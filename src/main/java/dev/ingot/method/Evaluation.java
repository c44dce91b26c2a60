// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.kernel.Table;
import java.util.List;

/**
 * What a formula gave for a whole tensor.
 *
 * @param elements number of elements of the tensor
 * @param values results by row, [rows][results]; one row where the formula knows no rows
 * @param masks  its outputs of bits
 */
public record Evaluation(long elements, double[][] values, List<Table> masks) {
    /** A result of a formula without rows. */
    public double value(int result) {
        return values[0][result];
    }

    /** The sum of a result over all rows. */
    public double total(int result) {
        double sum = 0;
        for (double[] row : values) {
            sum += row[result];
        }
        return sum;
    }

    /** A result as a table by row, rounded to float32. */
    public Table rows(int result) {
        float[] entries = new float[values.length];
        for (int row = 0; row < entries.length; row++) {
            entries[row] = (float) values[row][result];
        }
        return Table.of(entries);
    }
}
