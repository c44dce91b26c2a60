// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.WorkSpace;
import java.util.List;

/**
 * The direction of Iso-C (arXiv 2502.04959): the polar factor of the sum of deltas, whose singular values are all 1. The fact is
 * their mean in the sum, by which it is to be multiplied.
 *
 * <p>No singular vectors are needed: the sum of singular values is the dot product of a matrix and its polar factor.
 *
 * @param shape     of the tensor
 * @param weights   factors of the deltas
 * @param tolerance largest singular value, relative to the largest, that counts as none: it has no direction, and does not
 *                  count in the mean
 */
public record IsotropicSum(MatrixShape shape, List<Double> weights, double tolerance) implements MatrixProgram {
    public IsotropicSum {
        weights = List.copyOf(weights);
    }

    @Override
    public MatrixNeeds needs() {
        return new MatrixNeeds(
                2 * MatrixNeeds.of(shape.n(), shape.m(), Precision.F32),
                new DeltaSum(shape, weights).temporary(),
                WorkSpace.polar(shape.n(), shape.m(), Precision.F32));
    }

    @Override
    public int parts() {
        return DeltaSum.PARTS + 1;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        Matrix sum = space.keep(shape.n(), shape.m(), Precision.F32);
        return new DeltaSum(shape, weights).into(sum, () -> turn(sum, space));
    }

    private MatrixStep turn(Matrix sum, MatrixSpace space) {
        Matrix isotropic = space.keep(shape.n(), shape.m(), Precision.F32);
        double[] mean = new double[1];
        return new MatrixStep.Stage(
                1,
                (task, lane) -> {
                    int rank = lane.algebra().polar(sum, tolerance, isotropic);
                    mean[0] = rank == 0 ? 0 : lane.algebra().dot(sum, isotropic) / rank;
                },
                () -> new MatrixStep.Done(List.of(isotropic), mean));
    }
}
