// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * Reduces a float32 matrix with at least as many rows as columns to a band, {@code a = q b p^T}, where q and p are products of
 * Householder reflections and b has blocks on the diagonal and to the right of it only. A panel of columns is reduced by QR, then
 * one of rows, and the rest is multiplied by both. All but the panels is matrix products; the usual bidiagonal form reads the
 * rest of the matrix once for every column instead (Grosser, Lang, "Efficient parallel reduction to bidiagonal form",
 * Parallel Computing 25, 1999).
 */
final class BandReduction {
    /** Columns of a panel: wide enough for the speed of products. */
    static final int WIDTH = 64;

    /** Panels that are applied as one on the way back, where nothing waits for each: the wider, the less of the matrix is read. */
    private static final int GROUP = 4;

    private final Matrix a;
    private final int width;
    private final Matrix left;
    private final Matrix right;

    /**
     * @param a     is overwritten with the vectors of the reflections
     * @param frame what holds the rest of them
     */
    BandReduction(Matrix a, Scratch.Frame frame) {
        this.a = a;
        this.width = width(a.cols());
        this.left = frame.matrix(a.cols(), 1, Precision.F32);
        this.right = frame.matrix(a.cols(), 1, Precision.F32);
    }

    static int width(int order) {
        return Math.min(WIDTH, order);
    }

    /** What the frame must have. */
    static long bytes(int order) {
        return 2 * Scratch.matrix(order, 1, Precision.F32);
    }

    /** Work space of the operations. */
    static long workBytes(int rows, int cols) {
        int width = width(cols);
        int group = Math.min(GROUP * WIDTH, cols);
        return Math.max(
                Scratch.matrix(cols, width, Precision.F32) + Lapack.panelBytes(width),
                Reflections.bytes(rows, group, Precision.F32) + Reflections.workBytes(rows, group, Precision.F32));
    }

    private int blocks() {
        return (a.cols() + width - 1) / width;
    }

    private int size(int block) {
        return Math.min(width, a.cols() - block * width);
    }

    /** Of the panel of columns: it begins at the diagonal. */
    private Matrix columns(int block) {
        int first = block * width;
        return a.block(first, first, a.rows() - first, size(block));
    }

    /** Of the panel of rows: right of the block on the diagonal. */
    private Matrix rows(int block) {
        int first = block * width;
        int size = size(block);
        return a.block(first, first + size, size, a.cols() - first - size);
    }

    /** Of the columns from one on, as many as there are. */
    private Reflections left(int from, int count, Scratch.Frame frame) {
        return Reflections.of(a.block(from, from, a.rows() - from, count), false, left.block(from, 0, count, 1), frame);
    }

    /** Of the rows from one on, which begin one block further right. */
    private Reflections right(int from, int count, Scratch.Frame frame) {
        int next = from + width;
        return Reflections.of(a.block(from, next, count, a.cols() - next), true, right.block(from, 0, count, 1), frame);
    }

    /**
     * Reduces.
     *
     * @param negligible a panel of all its columns whose norm is below this one ends it
     * @return whether it came to the end
     */
    boolean reduce(double negligible, Scratch scratch) {
        for (int i = 0; i < blocks(); i++) {
            int from = i * width;
            int size = size(i);
            Lapack.panel(columns(i), left.block(from, 0, size, 1), scratch);
            if (size == WIDTH && upperNorm(columns(i)) < negligible) {
                return false;
            }
            int next = from + size;
            if (next < a.cols()) {
                reduceRest(i, from, next, scratch);
            }
        }
        return true;
    }

    private void reduceRest(int block, int from, int next, Scratch scratch) {
        Matrix rows = rows(block);
        int count = rows.smaller();
        try (Scratch.Frame frame = scratch.frame()) {
            left(from, width, frame).left(true, a.block(from, next, a.rows() - from, a.cols() - next), scratch);
        }
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix turned = frame.matrix(rows.cols(), rows.rows(), Precision.F32);
            Blas.transpose(rows, turned);
            Lapack.panel(turned, right.block(from, 0, count, 1), scratch);
            Blas.transpose(turned, rows);
        }
        try (Scratch.Frame frame = scratch.frame()) {
            right(from, count, frame).right(false, a.block(next, next, a.rows() - next, a.cols() - next), scratch);
        }
    }

    /** Of the triangle that a panel was reduced to. */
    private static double upperNorm(Matrix panel) {
        double squares = 0;
        for (int col = 0; col < panel.cols(); col++) {
            squares += Blas.columnSquares(panel.block(0, 0, col + 1, panel.cols()), col);
        }
        return Math.sqrt(squares);
    }

    /**
     * Copies what it was reduced to.
     *
     * @param least smaller elements on the diagonal are given this magnitude, so that the band is not singular
     */
    void band(BandMatrix band, double least) {
        for (int i = 0; i < blocks(); i++) {
            Matrix diagonal = band.diagonal(i);
            triangle(columns(i), true, diagonal);
            for (int j = 0; j < diagonal.cols(); j++) {
                double element = diagonal.get(j, j);
                diagonal.set(j, j, Math.copySign(Math.max(least, Math.abs(element)), element));
            }
            if (i + 1 < blocks()) {
                triangle(rows(i), false, band.beside(i));
            }
        }
    }

    private static void triangle(Matrix panel, boolean upper, Matrix block) {
        for (int col = 0; col < block.cols(); col++) {
            for (int row = 0; row < block.rows(); row++) {
                block.set(row, col, (upper ? row <= col : row >= col) ? panel.get(row, col) : 0);
            }
        }
    }

    /** x = q x p^T. */
    void turnBack(Matrix x, Scratch scratch) {
        int group = GROUP * width;
        for (int from = (a.cols() - 1) / group * group; from >= 0; from -= group) {
            try (Scratch.Frame frame = scratch.frame()) {
                left(from, Math.min(group, a.cols() - from), frame)
                        .left(false, x.block(from, 0, x.rows() - from, x.cols()), scratch);
            }
        }
        int reflections = a.cols() - width;
        for (int from = (reflections - 1) / group * group; from >= 0 && reflections > 0; from -= group) {
            try (Scratch.Frame frame = scratch.frame()) {
                right(from, Math.min(group, reflections - from), frame)
                        .right(true, x.block(0, from + width, x.rows(), x.cols() - from - width), scratch);
            }
        }
    }
}
