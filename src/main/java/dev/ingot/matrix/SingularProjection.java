// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;
import java.util.OptionalInt;

/**
 * The sum of deltas, projected on both sides on singular vectors of the base weight: what FusionBench calls singular projection
 * merging, of the study behind SMILE (arXiv 2408.10174, section 3).
 *
 * @param shape    of the tensor
 * @param weights  factors of the deltas
 * @param count    vectors that lead, at most as many as there are; where it is empty, the fewest whose values have at least half of
 *                 the sum of all
 * @param subspace which vectors it is projected on
 */
public record SingularProjection(MatrixShape shape, List<Double> weights, OptionalInt count, Subspace subspace)
        implements MatrixProgram {
    private static final long SEED = 0x736d_696c_6520_7072L;

    /** Parts of the space. */
    public enum Subspace {
        /** Of the leading vectors. */
        LEADING,
        /** Of the other singular vectors. */
        TRAILING,
        /** All that is orthogonal to the leading vectors on both sides, which includes what the base maps to zero. */
        COMPLEMENT
    }

    public SingularProjection {
        weights = List.copyOf(weights);
    }

    /** How many vectors have to be computed. */
    private int rank() {
        return subspace == Subspace.TRAILING ? shape.smaller() : count.orElse(shape.smaller());
    }

    @Override
    public MatrixNeeds needs() {
        int n = shape.n();
        int m = shape.m();
        long matrix = MatrixNeeds.of(n, m, Precision.F32);
        long along = Math.max(
                MatrixNeeds.of(rank(), Panels.of(m).width(0), Precision.F32),
                MatrixNeeds.of(Panels.of(n).width(0), rank(), Precision.F32));
        long sum = new DeltaSum(shape, weights).temporary();
        return new MatrixNeeds(
                matrix + MatrixNeeds.of(n, rank(), Precision.F32) + MatrixNeeds.of(m, rank(), Precision.F32)
                        + MatrixNeeds.of(rank(), 1, Precision.F32),
                Math.max(Math.max(matrix, sum), along),
                WorkSpace.truncatedSvd(n, m, rank(), Precision.F32));
    }

    @Override
    public int baseReads() {
        return rank() > 0 ? 1 : 0;
    }

    @Override
    public int parts() {
        return DeltaSum.PARTS + 3;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        Matrix sum = space.keep(shape.n(), shape.m(), Precision.F32);
        return new DeltaSum(shape, weights).into(sum, () -> decompose(sum, space));
    }

    private MatrixStep decompose(Matrix sum, MatrixSpace space) {
        Svd base = new Directions(shape, rank()).keep(space);
        return new MatrixStep.Stage(
                1,
                (task, lane) -> {
                    if (base.rank() > 0) {
                        Matrix values = lane.temporary(shape.n(), shape.m(), Precision.F32);
                        lane.base(0, values);
                        lane.algebra().truncatedSvd(values, base, Sketch.of(SEED, Precision.F32));
                    }
                },
                () -> project(sum, basis(base)));
    }

    /** The vectors that the projection is made of. */
    private Svd basis(Svd base) {
        int leading = count.orElseGet(() -> half(base.s()));
        return subspace == Subspace.TRAILING
                ? Directions.part(base, leading, rank() - leading)
                : base.leading(leading);
    }

    /** How many values it takes to have at least half of the sum; none if all are zero. */
    private static int half(Matrix values) {
        double total = 0;
        for (int j = 0; j < values.rows(); j++) {
            total += values.get(j, 0);
        }
        double sum = 0;
        int leading = 0;
        while (sum < total / 2) {
            sum += values.get(leading++, 0);
        }
        return leading;
    }

    private MatrixStep project(Matrix sum, Svd basis) {
        Panels columns = Panels.of(shape.m());
        Panels rows = Panels.of(shape.n());
        MatrixStep right = new MatrixStep.Stage(
                rows.count(),
                (panel, lane) -> {
                    Matrix part = sum.block(rows.first(panel), 0, rows.width(panel), shape.m());
                    Matrix along = lane.temporary(part.rows(), basis.rank(), Precision.F32);
                    lane.algebra().gemm(1, part, false, basis.v(), false, 0, along);
                    lane.algebra().gemm(sign(), along, false, basis.v(), true, rest(), part);
                },
                () -> new MatrixStep.Done(List.of(sum)));
        return new MatrixStep.Stage(
                columns.count(),
                (panel, lane) -> {
                    Matrix part = columns.of(sum, panel);
                    Matrix along = lane.temporary(basis.rank(), part.cols(), Precision.F32);
                    lane.algebra().gemm(1, basis.u(), true, part, false, 0, along);
                    lane.algebra().gemm(sign(), basis.u(), false, along, false, rest(), part);
                },
                () -> right);
    }

    private double sign() {
        return subspace == Subspace.COMPLEMENT ? -1 : 1;
    }

    /** Factor of what there was before. */
    private double rest() {
        return subspace == Subspace.COMPLEMENT ? 1 : 0;
    }
}
