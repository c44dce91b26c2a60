// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The direction of Iso-CTS (arXiv 2502.04959): leading singular vectors of the sum of deltas, those of each delta's rest outside of
 * their left space, all made orthogonal, with singular values 1. The fact is the mean of the values that they have had, by which
 * it is to be multiplied.
 *
 * @param shape     of the tensor
 * @param weights   factors of the deltas
 * @param common    vectors of the sum
 * @param own       vectors of each delta's rest
 * @param tolerance largest singular value that counts as none, relative to the largest of the sum, or the norm of the delta
 */
public record IsotropicSubspaces(MatrixShape shape, List<Double> weights, int common, int own, double tolerance)
        implements MatrixProgram {
    private static final long SEED = 0x6973_6f20_6374_7321L;

    public IsotropicSubspaces {
        weights = List.copyOf(weights);
    }

    private Directions directions() {
        return new Directions(shape, common + own * shape.models());
    }

    @Override
    public MatrixNeeds needs() {
        Directions directions = directions();
        long matrix = MatrixNeeds.of(shape.n(), shape.m(), Precision.F32);
        long ofCommon = MatrixNeeds.of(shape.n(), common, Precision.F32);
        return new MatrixNeeds(
                directions.kept(true),
                Math.max(new DeltaSum(shape, weights).temporary(), matrix + ofCommon),
                Math.max(directions.polarWork(), Math.max(work(common), work(own))));
    }

    private long work(int rank) {
        return WorkSpace.truncatedSvd(shape.n(), shape.m(), rank, Precision.F32);
    }

    @Override
    public int reads() {
        return own > 0 ? 2 : 1;
    }

    @Override
    public int parts() {
        return DeltaSum.PARTS + 2 + Directions.parts(true);
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        Svd all = directions().keep(space);
        Matrix sum = space.keep(shape.n(), shape.m(), Precision.F32);
        return new DeltaSum(shape, weights).into(sum, () -> shared(sum, all, space));
    }

    /** Tasks come first, as in the authors' program. */
    private Svd common(Svd all) {
        return Directions.part(all, own * shape.models(), common);
    }

    private MatrixStep shared(Matrix sum, Svd all, MatrixSpace space) {
        return new MatrixStep.Stage(
                1,
                (task, lane) -> decompose(sum, common(all), tolerance, lane),
                () -> {
                    space.drop(sum);
                    return new MatrixStep.Stage(
                            shape.models(), (model, lane) -> rest(model, all, lane), () -> turn(all, space));
                });
    }

    /** @param tolerance relative to the largest value */
    private static void decompose(Matrix a, Svd into, double tolerance, MatrixLane lane) {
        if (into.rank() > 0) {
            lane.algebra().truncatedSvd(a, into, Sketch.of(SEED, Precision.F32));
            Directions.clear(into, tolerance * into.s().get(0, 0));
        }
    }

    /** A delta without what lies in the left space of the sum, which is the right one of the views. */
    private void rest(int model, Svd all, MatrixLane lane) {
        if (own == 0) {
            return;
        }
        Matrix delta = lane.temporary(shape.n(), shape.m(), Precision.F32);
        DeltaSum.scaled(model, weights.get(model), 0, delta, lane);
        double norm = lane.algebra().norm(delta);
        if (common > 0) {
            Matrix space = common(all).v();
            Matrix along = lane.temporary(shape.n(), common, Precision.F32);
            lane.algebra().gemm(1, delta, false, space, false, 0, along);
            lane.algebra().gemm(-1, along, false, space, true, 1, delta);
        }
        Svd vectors = Directions.part(all, model * own, own);
        decompose(delta, vectors, 0, lane);
        // What is left of a delta within the space is rounding errors of all of it.
        Directions.clear(vectors, tolerance * norm);
    }

    private MatrixStep turn(Svd all, MatrixSpace space) {
        double[] values = IntStream.range(0, all.s().rows())
                .mapToDouble(j -> all.s().get(j, 0))
                .filter(value -> value > 0)
                .toArray();
        double mean = IntStream.range(0, values.length).mapToDouble(j -> values[j]).average().orElse(0);
        return directions().orthogonal(all, tolerance, false, space, mean);
    }
}
