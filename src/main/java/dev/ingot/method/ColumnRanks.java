// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/**
 * How much the columns of a matrix changed from a base to one model, in length and in direction, as places in the order
 * of all columns. A column is what the caller multiplied: a row of the tensor, for tokens.
 *
 * @param magnitude place of each column by the change of its norm, from 0, smallest first
 * @param direction place by one minus the cosine between the two
 */
record ColumnRanks(Places magnitude, Places direction) {
    /** Dot products of a column. */
    @FunctionalInterface
    interface Products {
        /** x.x, x.y or y.y (0, 1, 2) of a column, x being the model's and y the base's. */
        double at(int column, int product);
    }

    /** The ranks of a model whose columns have these dot products with the base's. */
    static ColumnRanks of(int columns, Products products) {
        double[] changes = new double[columns];
        for (int i = 0; i < columns; i++) {
            changes[i] = Math.abs(Math.sqrt(products.at(i, 0)) - Math.sqrt(products.at(i, 2)));
        }
        Places magnitude = Places.of(changes);
        for (int i = 0; i < columns; i++) {
            changes[i] = turn(products.at(i, 0), products.at(i, 1), products.at(i, 2));
        }
        return new ColumnRanks(magnitude, Places.of(changes));
    }

    /**
     * One minus the cosine; exactly 0 if the columns are the same, because the root of a square is exact. A column of
     * zeros has no direction: to another such it is 0, to all others 1, as if they were orthogonal.
     */
    private static double turn(double xx, double xy, double yy) {
        if (xx == 0 || yy == 0) {
            return xx == yy ? 0 : 1;
        }
        return Math.max(0, 1 - xy / Math.sqrt(xx * yy));
    }
}
