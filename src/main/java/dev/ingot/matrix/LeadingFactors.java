// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;

/**
 * Leading singular vectors of one model's delta, as a matrix that is stored by itself. Several sides of one decomposition, each
 * computed by a program of its own, fit each other: the decomposition is a function of the delta and the rank, and signs are
 * those that make the largest element of a right vector positive, also where a run is continued on another processor.
 *
 * <p>Pairs of values that are rounding errors are zeros on every side: a decomposition has orthonormal vectors for them too,
 * and a router of these would send inputs to a model that changes nothing there.
 *
 * @param shape  of the tensor
 * @param model  whose delta
 * @param rank   how many vectors, up to the smaller dimension
 * @param side   which of them, and how they lie
 * @param values whether the model's values are decomposed in place of its delta
 */
public record LeadingFactors(MatrixShape shape, int model, int rank, Side side, boolean values)
        implements MatrixProgram {
    private static final long SEED = 0x536D_696C_6520_7376L;

    /** Singular values up to this, relative to the largest, are rounding errors. */
    private static final double NO_DIRECTION = 1e-6;

    /** Vectors of the tensor, m x n, stored row by row. */
    public enum Side {
        /** Left vectors as columns, m x rank. */
        LEFT,
        /** Right vectors as rows, rank x n. */
        RIGHT,
        /** Right vectors as rows, each times its singular value. */
        SCALED_RIGHT
    }

    @Override
    public MatrixNeeds needs() {
        long vectors = MatrixNeeds.of(shape.n(), rank, Precision.F32)
                + MatrixNeeds.of(shape.m(), rank, Precision.F32)
                + MatrixNeeds.of(rank, 1, Precision.F32);
        return new MatrixNeeds(
                vectors + (side == Side.LEFT ? MatrixNeeds.of(rank, shape.m(), Precision.F32) : 0),
                MatrixNeeds.of(shape.n(), shape.m(), Precision.F32),
                WorkSpace.truncatedSvd(shape.n(), shape.m(), rank, Precision.F32));
    }

    @Override
    public int parts() {
        return 1;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        Svd svd = new Svd(
                space.keep(shape.n(), rank, Precision.F32),
                space.keep(rank, 1, Precision.F32),
                space.keep(shape.m(), rank, Precision.F32));
        Matrix product = side == Side.LEFT ? space.keep(rank, shape.m(), Precision.F32) : svd.u();
        return new MatrixStep.Stage(
                1, (task, lane) -> decompose(svd, product, lane), () -> new MatrixStep.Done(List.of(product)));
    }

    private void decompose(Svd svd, Matrix product, MatrixLane lane) {
        Matrix whole = lane.temporary(shape.n(), shape.m(), Precision.F32);
        if (values) {
            lane.values(model, 0, whole);
        } else {
            lane.delta(model, 0, whole);
        }
        lane.algebra().truncatedSvd(whole, svd, Sketch.of(SEED, Precision.F32));
        Directions.clear(svd, NO_DIRECTION * svd.s().get(0, 0));
        for (int j = 0; j < rank; j++) {
            turn(svd, j);
        }
        if (side == Side.LEFT) {
            for (int i = 0; i < rank; i++) {
                for (int j = 0; j < shape.m(); j++) {
                    product.set(i, j, svd.v().get(j, i));
                }
            }
        } else if (side == Side.SCALED_RIGHT) {
            lane.algebra().scaleColumns(product, svd.s());
        }
    }

    /** Singular vectors have arbitrary signs: each pair is turned so that the right one's largest element is positive. */
    private static void turn(Svd svd, int pair) {
        double largest = 0;
        for (int i = 0; i < svd.u().rows(); i++) {
            double element = svd.u().get(i, pair);
            largest = Math.abs(element) > Math.abs(largest) ? element : largest;
        }
        if (largest < 0) {
            negate(svd.u(), pair);
            negate(svd.v(), pair);
        }
    }

    private static void negate(Matrix vectors, int column) {
        for (int i = 0; i < vectors.rows(); i++) {
            vectors.set(i, column, -vectors.get(i, column));
        }
    }
}
