// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;
import java.util.function.Function;

/**
 * One basis for the columns of all models' deltas: the left singular vectors of the deltas side by side (KnOTS, arXiv 2410.19735,
 * section 4.1), those whose value is above a threshold. As a program it only tells how many there are.
 *
 * <p>In terms of views the deltas stand one below the other, and the basis are right singular vectors. Their values are as good
 * as those of a decomposition in float64: its Gram matrix is summed in float64 from the float32 deltas, which leaves errors of
 * 1e-8 of the largest value. Low-rank deltas, such as those of adapters, are decomposed by a sketch.
 *
 * @param shape     of the tensor
 * @param threshold largest singular value that has no vector
 */
record JointBasis(MatrixShape shape, double threshold) implements MatrixProgram {
    /** Stages that find the basis: one reads, one decomposes. */
    static final int PARTS = 2;

    private static final long SEED = 0x4B6E_4F54_5320_7376L;

    /** Sides from which on a sketch is tried, and the share of the smaller one that it has vectors for. */
    private static final int LEAST_SIDE = 256;

    private static final int SKETCHED_SHARE = 8;

    /**
     * What was found.
     *
     * @param deltas  all deltas, one below the other; kept until {@link #dropDeltas}
     * @param vectors the basis, m x rank
     * @param space   where it is kept
     */
    record Found(Matrix deltas, Matrix vectors, MatrixSpace space) {
        int rank() {
            return vectors.cols();
        }

        void dropDeltas() {
            space.drop(deltas);
        }
    }

    private int height() {
        return Math.multiplyExact(shape.n(), shape.models());
    }

    /** How many vectors there may be. */
    private int most() {
        return Math.min(height(), shape.m());
    }

    /** How many vectors are looked for in a sketch; 0 if a sketch does not pay. */
    private int sketched() {
        return most() < LEAST_SIDE ? 0 : most() / SKETCHED_SHARE;
    }

    @Override
    public MatrixNeeds needs() {
        long kept = MatrixNeeds.of(height(), shape.m(), Precision.F32)
                + MatrixNeeds.of(shape.m(), most(), Precision.F32)
                + MatrixNeeds.of(most(), 1, Precision.F32);
        long work = WorkSpace.svd(height(), shape.m(), most(), Precision.F32);
        if (sketched() > 0) {
            work = Math.max(work, WorkSpace.truncatedSvd(height(), shape.m(), sketched(), Precision.F32));
            work = Math.max(work, WorkSpace.svd(height(), sketched(), 0, Precision.F32));
        }
        return new MatrixNeeds(kept, panelBytes(), work);
    }

    /** What a panel of a delta takes. */
    long panelBytes() {
        return MatrixNeeds.of(shape.n(), Panels.of(shape.m()).width(0), Precision.F32);
    }

    @Override
    public int parts() {
        return PARTS;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        return find(space, found -> new MatrixStep.Done(List.of(), found.rank()));
    }

    /** Reads the deltas, decomposes them, and goes on with the basis. */
    MatrixStep find(MatrixSpace space, Function<Found, MatrixStep> then) {
        Matrix deltas = space.keep(height(), shape.m(), Precision.F32);
        Matrix vectors = space.keep(shape.m(), most(), Precision.F32);
        Matrix values = space.keep(most(), 1, Precision.F32);
        Panels panels = Panels.of(shape.m());
        return new MatrixStep.Stage(
                panels.count() * shape.models(),
                (task, lane) -> read(deltas, task % shape.models(), panels, task / shape.models(), lane),
                () -> new MatrixStep.Stage(
                        1,
                        (task, lane) -> decompose(deltas, vectors, values, lane),
                        () -> then.apply(new Found(deltas, vectors.columns(rank(values)), space))));
    }

    private void read(Matrix deltas, int model, Panels panels, int panel, MatrixLane lane) {
        Matrix part = lane.temporary(shape.n(), panels.width(panel), Precision.F32);
        lane.delta(model, panels.first(panel), part);
        lane.algebra().copy(part, panels.of(of(deltas, model), panel));
    }

    /** A model's delta. */
    Matrix of(Matrix deltas, int model) {
        return deltas.block(model * shape.n(), 0, shape.n(), shape.m());
    }

    private void decompose(Matrix deltas, Matrix vectors, Matrix values, MatrixLane lane) {
        LinearAlgebra algebra = lane.algebra();
        // Many tensors are no expert's, and adapters leave most alone.
        if (algebra.largest(deltas) == 0 || sketch(deltas, vectors, values, algebra)) {
            return;
        }
        lane.requireGoing();
        algebra.svd(deltas, new Svd(deltas.block(0, 0, height(), 0), values, vectors));
        turn(vectors, rank(values));
    }

    /** Tries to find all vectors in a sketch; whether that went. */
    private boolean sketch(Matrix deltas, Matrix vectors, Matrix values, LinearAlgebra algebra) {
        int count = sketched();
        if (count == 0) {
            return false;
        }
        // What a part of the columns spans is a lower bound of what all do, and cheap.
        Matrix few = values.block(0, 0, count, 1);
        Matrix part = deltas.columns(count);
        algebra.svd(part, new Svd(part.columns(0), few, vectors.block(0, 0, count, 0)));
        if (few.get(count - 1, 0) > threshold) {
            return false;
        }
        algebra.truncatedSvd(
                deltas,
                new Svd(deltas.columns(0), few, vectors.columns(count)),
                Sketch.of(SEED, Precision.F32));
        if (few.get(count - 1, 0) > threshold) {
            return false;
        }
        turn(vectors, rank(values));
        return true;
    }

    /** Singular vectors have arbitrary signs: each is turned so that its largest element is positive. */
    private static void turn(Matrix vectors, int rank) {
        for (int j = 0; j < rank; j++) {
            double largest = 0;
            for (int i = 0; i < vectors.rows(); i++) {
                double element = vectors.get(i, j);
                largest = Math.abs(element) > Math.abs(largest) ? element : largest;
            }
            for (int i = 0; i < vectors.rows() && largest < 0; i++) {
                vectors.set(i, j, -vectors.get(i, j));
            }
        }
    }

    private int rank(Matrix values) {
        int rank = 0;
        while (rank < values.rows() && values.get(rank, 0) > threshold) {
            rank++;
        }
        return rank;
    }
}
