// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Twin-Merging (arXiv 2406.15479, section 4): the sum of deltas times a factor, which all tasks share, plus what each delta differs
 * from it by, reduced to its leading singular vectors, times the task's share.
 *
 * @param shape   of the tensor
 * @param scaling factor on the sum of deltas
 * @param rank    singular vectors of each difference, at least 1
 * @param shares  factors of the differences; those of share 0 are not computed
 */
public record ExclusiveExperts(MatrixShape shape, double scaling, int rank, List<Double> shares)
        implements MatrixProgram {
    private static final long SEED = 0x7477_696e_206d_6572L;

    public ExclusiveExperts {
        shares = List.copyOf(shares);
    }

    /** The tasks that have a share. */
    private List<Integer> tasks() {
        return IntStream.range(0, shape.models())
                .filter(task -> shares.get(task) != 0)
                .boxed()
                .toList();
    }

    private Directions directions() {
        return new Directions(shape, rank * tasks().size());
    }

    private DeltaSum sum() {
        return new DeltaSum(shape, Collections.nCopies(shape.models(), scaling));
    }

    @Override
    public MatrixNeeds needs() {
        long matrix = MatrixNeeds.of(shape.n(), shape.m(), Precision.F32);
        return new MatrixNeeds(
                directions().kept(false),
                Math.max(matrix, sum().temporary()),
                WorkSpace.truncatedSvd(shape.n(), shape.m(), rank, Precision.F32));
    }

    @Override
    public int reads() {
        return 2;
    }

    @Override
    public int parts() {
        return DeltaSum.PARTS + 1 + Directions.parts(false);
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        Matrix merged = space.keep(shape.n(), shape.m(), Precision.F32);
        return sum().into(merged, () -> exclusive(merged, space));
    }

    private MatrixStep exclusive(Matrix shared, MatrixSpace space) {
        List<Integer> tasks = tasks();
        Svd all = directions().keep(space);
        return new MatrixStep.Stage(
                tasks.size(),
                (place, lane) -> compress(tasks.get(place), shared, Directions.part(all, place * rank, rank), lane),
                () -> Directions.added(all.u(), all.v(), 1, shared, new MatrixStep.Done(List.of(shared))));
    }

    private void compress(int task, Matrix shared, Svd own, MatrixLane lane) {
        Matrix difference = lane.temporary(shape.n(), shape.m(), Precision.F32);
        lane.delta(task, 0, difference);
        lane.compute(Elementwise.sum(-1), List.of(difference, shared), List.of(difference));
        lane.algebra().truncatedSvd(difference, own, Sketch.of(SEED, Precision.F32));
        for (int j = 0; j < rank; j++) {
            own.s().set(j, 0, shares.get(task) * own.s().get(j, 0));
        }
        lane.algebra().scaleColumns(own.u(), own.s());
    }
}
