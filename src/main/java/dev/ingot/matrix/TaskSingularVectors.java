// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;

/**
 * TSV-Merge (Task Singular Vectors, arXiv 2412.00081, algorithm 1): leading singular vectors of each task side by side, made
 * orthogonal by the polar factor, and put together with the tasks' singular values.
 *
 * <p>Directions whose value is below the tolerance have no vectors: in the reference, which ones the decomposition
 * happens to give for them would decide how the others are turned.
 *
 * @param shape      of the tensor
 * @param ranks      vectors of each task, from none to as many as there are, some of one task at least
 * @param weights    factors of the tasks' singular values
 * @param orthogonal whether vectors are made orthogonal; otherwise the product is the sum of the truncated tasks
 * @param tolerance  largest singular value, relative to the task's largest, that counts as none
 */
public record TaskSingularVectors(
        MatrixShape shape, List<Integer> ranks, List<Double> weights, boolean orthogonal, double tolerance)
        implements MatrixProgram {
    private static final long SEED = 0x7453_5620_6d65_7267L;

    public TaskSingularVectors {
        ranks = List.copyOf(ranks);
        weights = List.copyOf(weights);
    }

    private Directions directions() {
        return new Directions(shape, first(shape.models()));
    }

    /** Where a task's vectors begin. */
    private int first(int model) {
        return ranks.stream().limit(model).mapToInt(rank -> rank).sum();
    }

    @Override
    public MatrixNeeds needs() {
        Directions directions = directions();
        long own = ranks.stream()
                .mapToLong(rank -> WorkSpace.truncatedSvd(shape.n(), shape.m(), rank, Precision.F32))
                .max()
                .orElse(0);
        return new MatrixNeeds(
                directions.kept(orthogonal),
                MatrixNeeds.of(shape.n(), shape.m(), Precision.F32),
                orthogonal ? Math.max(own, directions.polarWork()) : own);
    }

    @Override
    public int parts() {
        return 1 + Directions.parts(orthogonal);
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        Directions directions = directions();
        Svd all = directions.keep(space);
        return new MatrixStep.Stage(
                shape.models(),
                (model, lane) -> {
                    if (ranks.get(model) > 0) {
                        decompose(model, Directions.part(all, first(model), ranks.get(model)), lane);
                    }
                },
                () -> orthogonal
                        ? directions.orthogonal(all, tolerance, true, space)
                        : directions.product(all.u(), all.v(), space));
    }

    /** Leading singular vectors of a task's delta. */
    private void decompose(int model, Svd own, MatrixLane lane) {
        Matrix delta = lane.temporary(shape.n(), shape.m(), Precision.F32);
        lane.delta(model, 0, delta);
        lane.algebra().truncatedSvd(delta, own, Sketch.of(SEED, Precision.F32));
        Directions.clear(own, tolerance * own.s().get(0, 0));
        for (int j = 0; j < own.rank(); j++) {
            own.s().set(j, 0, weights.get(model) * own.s().get(j, 0));
        }
        if (!orthogonal) {
            lane.algebra().scaleColumns(own.u(), own.s());
        }
    }
}
