// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

/**
 * Cuts a tensor into tiles that start with segments of rows: several rows to a tile, or several tiles to a row.
 *
 * @param elements     of the tensor, a whole number of rows
 * @param rowLength    of a row; 0 if the tensor is one row
 * @param tileElements most elements of a tile, a multiple of the chunk of reductions
 * @param wholeRows    whether rows may not be cut, however long they are
 */
record RowTiles(long elements, long rowLength, long tileElements, boolean wholeRows) {
    int number() {
        long row = row();
        long tiles = cutsRows() ? Math.ceilDiv(row, tileElements) * Math.ceilDiv(elements, row) : Math.ceilDiv(elements, step());
        return Math.toIntExact(elements == 0 ? 0 : tiles);
    }

    long start(int tile) {
        if (!cutsRows()) {
            return tile * step();
        }
        long perRow = Math.ceilDiv(row(), tileElements);
        return tile / perRow * row() + tile % perRow * tileElements;
    }

    long count(int tile) {
        long end = tile + 1 == number() ? elements : start(tile + 1);
        return end - start(tile);
    }

    private boolean cutsRows() {
        return row() > tileElements && !wholeRows;
    }

    /** Elements of a tile of whole rows. */
    private long step() {
        return Math.max(1, tileElements / row()) * row();
    }

    private long row() {
        return rowLength == 0 ? Math.max(1, elements) : rowLength;
    }
}
