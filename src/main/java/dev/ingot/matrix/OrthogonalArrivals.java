// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.WorkSpace;
import java.util.List;

/**
 * OPCM (Merging Models on the Fly Without Retraining, arXiv 2501.09522): experts arrive one after the other, and each delta is
 * added to the sum M of those before it without the part that lies along M. With M = u diag(s) v^T and q = u^T t v that part
 * is u q' v^T, where q' has of q the diagonal and the leading block that belongs to a share of the singular values.
 *
 * <p>The method's global scale is left to the caller: vectors and shares do not depend on a factor of M. Directions whose value
 * is below a tolerance count as none, as their vectors would be arbitrary.
 *
 * <p>Product: M. Facts: the squared norm of each delta, then that of M.
 *
 * @param shape     of the tensor
 * @param alpha     share of the sum of singular values whose directions are blocked
 * @param first     factor on the first delta
 * @param tolerance largest singular value, relative to the largest, that counts as none
 */
public record OrthogonalArrivals(MatrixShape shape, double alpha, double first, double tolerance)
        implements MatrixProgram {
    @Override
    public MatrixNeeds needs() {
        int n = shape.n();
        int m = shape.m();
        int s = shape.smaller();
        long whole = MatrixNeeds.of(n, m, Precision.F32);
        if (shape.models() == 1) {
            return new MatrixNeeds(whole, 0, 0);
        }
        int width = Panels.of(s).width(0);
        return new MatrixNeeds(
                2 * whole + 2 * MatrixNeeds.of(n, s, Precision.F32)
                        + MatrixNeeds.of(m, s, Precision.F32)
                        + MatrixNeeds.of(s, 1, Precision.F32),
                MatrixNeeds.of(n, width, Precision.F32)
                        + MatrixNeeds.of(s, width, Precision.F32)
                        + MatrixNeeds.of(width, 1, Precision.F32),
                WorkSpace.svd(n, m, s, Precision.F32));
    }

    @Override
    public int parts() {
        return 1 + 3 * (shape.models() - 1);
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        return new Run(space).begin();
    }

    /** One run: what is kept between its stages. */
    private final class Run {
        private final MatrixSpace space;
        private final Panels panels = Panels.of(shape.m());
        private final double[][] squares = new double[shape.models() + 1][panels.count()];
        private final Matrix merged;
        private Matrix arriving;
        private Matrix along;
        private Svd vectors;

        Run(MatrixSpace space) {
            this.space = space;
            this.merged = space.keep(shape.n(), shape.m(), Precision.F32);
        }

        MatrixStep begin() {
            return new MatrixStep.Stage(panels.count(), this::loadFirst, this::prepare);
        }

        private void loadFirst(int panel, MatrixLane lane) {
            Matrix part = panels.of(merged, panel);
            load(0, panel, part, lane);
            if (first != 1) {
                lane.compute(Elementwise.times(first), List.of(part), List.of(part));
            }
            squares[shape.models()][panel] = lane.algebra().dot(part, part);
        }

        private void load(int model, int panel, Matrix part, MatrixLane lane) {
            lane.delta(model, panels.first(panel), part);
            squares[model][panel] = lane.algebra().dot(part, part);
        }

        private MatrixStep prepare() {
            if (shape.models() > 1) {
                int s = shape.smaller();
                arriving = space.keep(shape.n(), shape.m(), Precision.F32);
                along = space.keep(shape.n(), s, Precision.F32);
                vectors = new Svd(
                        space.keep(shape.n(), s, Precision.F32),
                        space.keep(s, 1, Precision.F32),
                        space.keep(shape.m(), s, Precision.F32));
            }
            return arrive(1);
        }

        /** The next model's delta, while the vectors of what is merged so far are found. */
        private MatrixStep arrive(int model) {
            return model == shape.models()
                    ? new MatrixStep.Done(List.of(merged), facts())
                    : new MatrixStep.Stage(
                            1 + panels.count(),
                            (task, lane) -> {
                                if (task == 0) {
                                    lane.algebra().svd(merged, vectors);
                                } else {
                                    load(model, task - 1, panels.of(arriving, task - 1), lane);
                                }
                            },
                            () -> project(model));
        }

        /** u q', in panels of its columns. */
        private MatrixStep project(int model) {
            int rank = Spectrum.above(vectors.s(), tolerance);
            int blocked = Math.min(rank, Spectrum.first(vectors.s(), sum -> sum > alpha).orElse(0));
            Panels directions = Panels.of(rank);
            return new MatrixStep.Stage(
                    directions.count(),
                    (panel, lane) -> project(directions, panel, blocked, lane),
                    () -> new MatrixStep.Stage(
                            panels.count(), (panel, lane) -> add(panel, rank, lane), () -> arrive(model + 1)));
        }

        private void project(Panels directions, int panel, int blocked, MatrixLane lane) {
            int from = directions.first(panel);
            int width = directions.width(panel);
            Matrix target = directions.of(along, panel);
            Matrix image = lane.temporary(shape.n(), width, Precision.F32);
            lane.algebra().gemm(1, arriving, false, directions.of(vectors.v(), panel), false, 0, image);
            int inside = Math.clamp(blocked - from, 0, width);
            if (inside > 0) {
                Matrix leading = vectors.u().columns(blocked);
                Matrix block = lane.temporary(blocked, inside, Precision.F32);
                lane.algebra().gemm(1, leading, true, image.columns(inside), false, 0, block);
                lane.algebra().gemm(1, leading, false, block, false, 0, target.columns(inside));
            }
            int rest = width - inside;
            if (rest > 0) {
                Matrix own = vectors.u().block(0, from + inside, shape.n(), rest);
                Matrix diagonal = lane.temporary(rest, 1, Precision.F32);
                for (int j = 0; j < rest; j++) {
                    Matrix vector = own.block(0, j, shape.n(), 1);
                    diagonal.set(j, 0, lane.algebra().dot(vector, image.block(0, inside + j, shape.n(), 1)));
                }
                Matrix outside = target.block(0, inside, shape.n(), rest);
                lane.algebra().copy(own, outside);
                lane.algebra().scaleColumns(outside, diagonal);
            }
        }

        private void add(int panel, int rank, MatrixLane lane) {
            Matrix part = panels.of(merged, panel);
            lane.compute(Elementwise.SUM, List.of(part, panels.of(arriving, panel)), List.of(part));
            if (rank > 0) {
                Matrix right = vectors.v().block(panels.first(panel), 0, panels.width(panel), rank);
                lane.algebra().gemm(-1, along.columns(rank), false, right, true, 1, part);
            }
            squares[shape.models()][panel] = lane.algebra().dot(part, part);
        }

        private double[] facts() {
            double[] facts = new double[squares.length];
            for (int i = 0; i < facts.length; i++) {
                for (double square : squares[i]) {
                    facts[i] += square;
                }
            }
            return facts;
        }
    }
}
