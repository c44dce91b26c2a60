// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;

/**
 * Singular vectors of several matrices side by side, and the matrix that is put together from them.
 *
 * @param shape of the tensor
 * @param count how many pairs of vectors
 */
record Directions(MatrixShape shape, int count) {
    /** Bytes that are kept while there are vectors, their polar factors, and the matrix. */
    long kept(boolean orthogonal) {
        long vectors = vectors();
        long matrix = MatrixNeeds.of(shape.n(), shape.m(), Precision.F32);
        return vectors + MatrixNeeds.of(count, 1, Precision.F32) + (orthogonal ? Math.max(vectors, matrix) : matrix);
    }

    private long vectors() {
        return MatrixNeeds.of(shape.n(), count, Precision.F32) + MatrixNeeds.of(shape.m(), count, Precision.F32);
    }

    /** Work space of the polar factors. */
    long polarWork() {
        return Math.max(
                WorkSpace.polar(shape.n(), count, Precision.F32), WorkSpace.polar(shape.m(), count, Precision.F32));
    }

    /** Stages that put the matrix together. */
    static int parts(boolean orthogonal) {
        return orthogonal ? 2 : 1;
    }

    /** Room for all. */
    Svd keep(MatrixSpace space) {
        return new Svd(
                space.keep(shape.n(), count, Precision.F32),
                space.keep(count, 1, Precision.F32),
                space.keep(shape.m(), count, Precision.F32));
    }

    /** The pairs from one on, in the same memory. */
    static Svd part(Svd all, int first, int rank) {
        return new Svd(
                all.u().block(0, first, all.u().rows(), rank),
                all.s().block(first, 0, rank, 1),
                all.v().block(0, first, all.v().rows(), rank));
    }

    /** Makes vectors of zeros, and zeros, of pairs whose value is not above a least one. */
    static void clear(Svd pairs, double least) {
        for (int j = 0; j < pairs.rank(); j++) {
            if (!(pairs.s().get(j, 0) > least)) {
                clear(pairs.u(), j);
                clear(pairs.v(), j);
                pairs.s().set(j, 0, 0);
            }
        }
    }

    private static void clear(Matrix a, int col) {
        for (int row = 0; row < a.rows(); row++) {
            a.set(row, col, 0);
        }
    }

    /**
     * The product of both sides' polar factors.
     *
     * @param tolerance largest singular value of a side's vectors, relative to the largest, that counts as none
     * @param valued    whether pairs are multiplied by their values
     * @param facts     what else was found out
     */
    MatrixStep orthogonal(Svd all, double tolerance, boolean valued, MatrixSpace space, double... facts) {
        Matrix left = space.keep(shape.n(), count, Precision.F32);
        Matrix right = space.keep(shape.m(), count, Precision.F32);
        return new MatrixStep.Stage(
                2,
                (side, lane) -> {
                    lane.algebra().polar(side == 0 ? all.u() : all.v(), tolerance, side == 0 ? left : right);
                    if (side == 0 && valued) {
                        lane.algebra().scaleColumns(left, all.s());
                    }
                },
                () -> {
                    space.drop(all.u());
                    space.drop(all.v());
                    return product(left, right, space, facts);
                });
    }

    /** The product of both sides. */
    MatrixStep product(Matrix left, Matrix right, MatrixSpace space, double... facts) {
        Matrix merged = space.keep(shape.n(), shape.m(), Precision.F32);
        return added(left, right, 0, merged, new MatrixStep.Done(List.of(merged), facts));
    }

    /** Puts the product of both sides into a matrix, or adds it with factor 1. */
    static MatrixStep added(Matrix left, Matrix right, double factor, Matrix merged, MatrixStep then) {
        Panels panels = Panels.of(merged.cols());
        return new MatrixStep.Stage(
                panels.count(),
                (panel, lane) -> {
                    Matrix rows = right.block(panels.first(panel), 0, panels.width(panel), right.cols());
                    lane.algebra().gemm(1, left, false, rows, true, factor, panels.of(merged, panel));
                },
                () -> then);
    }
}
