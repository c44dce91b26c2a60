// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.lang.foreign.Arena;

/** Products of all pairs of columns, or rows, of a matrix, summed in float64 whatever its precision. */
final class GramMatrix {
    /** Rows or columns that are widened to float64 at a time. */
    static final int BLOCK = 256;

    /** Order of a square on the diagonal that is mirrored through a copy. */
    private static final int CORNER = 64;

    private GramMatrix() {}

    /** Work space for a matrix whose products are of {@code order} vectors. */
    static long bytes(int order, Precision precision) {
        return precision == Precision.F64 ? 0 : Scratch.matrix(BLOCK, order, Precision.F64);
    }

    /** Computes the lower triangle of a^T a, or of a a^T; the upper one is overwritten with zeros. */
    static void lower(Matrix a, boolean ofRows, Matrix square, Scratch scratch) {
        square.data().asSlice(0, Matrix.bytes(square.rows(), square.cols(), Precision.F64)).fill((byte) 0);
        int length = ofRows ? a.cols() : a.rows();
        for (int from = 0; from < length; from += BLOCK) {
            int count = Math.min(BLOCK, length - from);
            Matrix part = ofRows ? a.block(0, from, a.rows(), count) : a.block(from, 0, count, a.cols());
            try (Scratch.Frame frame = scratch.frame()) {
                Matrix wide = part;
                if (part.precision() != Precision.F64) {
                    wide = frame.matrix(part.rows(), part.cols(), Precision.F64);
                    Blas.copy(part, wide);
                }
                Blas.addSquare(1, wide, ofRows, square);
            }
        }
    }

    /** Copies the lower triangle to the upper one. */
    static void mirror(Matrix square) {
        int order = square.rows();
        try (Arena arena = Arena.ofConfined()) {
            Matrix corner = Matrix.allocate(arena, Math.min(CORNER, order), Math.min(CORNER, order), square.precision());
            for (int from = 0; from < order; from += CORNER) {
                int side = Math.min(CORNER, order - from);
                int rest = order - from - side;
                Matrix diagonal = square.block(from, from, side, side);
                Matrix turned = corner.block(0, 0, side, side);
                Blas.transpose(diagonal, turned);
                Blas.copyUpper(turned, diagonal);
                Blas.transpose(square.block(from + side, from, rest, side), square.block(from, from + side, side, rest));
            }
        }
    }
}
