// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The models' deltas in one basis (KnOTS, arXiv 2410.19735, section 4.1): U^T tau for each model, rank x n, filled up with zeros to
 * the tensor's shape. Products are the coefficients of all models, perhaps thinned; the fact is the rank.
 *
 * @param shape     of the tensor
 * @param threshold largest singular value that has no vector
 * @param thinning  what is left of each model's coefficients; none of any if all is
 */
public record AlignedCoefficients(MatrixShape shape, double threshold, List<Thinning> thinning)
        implements MatrixProgram {
    public AlignedCoefficients {
        thinning = List.copyOf(thinning);
    }

    /**
     * What is left of a model's coefficients.
     *
     * @param formula computes it from the coefficients, and from the operand behind them, if there is one
     * @param operand number of an operand, such as a mask, whose elements belong to those of the coefficients
     */
    public record Thinning(Formula formula, OptionalInt operand) {}

    /** A program that computes nothing but the rank, its only fact. */
    public static MatrixProgram rank(MatrixShape shape, double threshold) {
        return new JointBasis(shape, threshold);
    }

    private JointBasis basis() {
        return new JointBasis(shape, threshold);
    }

    /** How many models have an operand. */
    int operands() {
        return (int) thinning.stream().filter(thin -> thin.operand().isPresent()).count();
    }

    @Override
    public MatrixNeeds needs() {
        MatrixNeeds basis = basis().needs();
        long all = shape.models() * MatrixNeeds.of(shape.n(), shape.m(), Precision.F32);
        return new MatrixNeeds(basis.kept() + all, basis().panelBytes(), basis.work());
    }

    @Override
    public int parts() {
        return JointBasis.PARTS + 1;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        return basis().find(space, found -> {
            List<Matrix> products = new ArrayList<>();
            for (int model = 0; model < shape.models(); model++) {
                products.add(space.keep(shape.n(), shape.m(), Precision.F32));
            }
            Panels panels = Panels.of(found.rank());
            return new MatrixStep.Stage(
                    panels.count() * shape.models(),
                    (task, lane) -> {
                        int model = task % shape.models();
                        int panel = task / shape.models();
                        compute(found, model, panels, panel, panels.of(products.get(model), panel), lane);
                    },
                    () -> new MatrixStep.Done(products, found.rank()));
        });
    }

    /** A model's coefficients of a run of the basis' vectors. */
    void compute(JointBasis.Found found, int model, Panels panels, int panel, Matrix into, MatrixLane lane) {
        Matrix delta = basis().of(found.deltas(), model);
        lane.algebra().gemm(1, delta, false, panels.of(found.vectors(), panel), false, 0, into);
        if (!thinning.isEmpty()) {
            Thinning thin = thinning.get(model);
            List<Matrix> inputs = new ArrayList<>(List.of(into));
            operand(thin, panels.first(panel), into, lane).ifPresent(inputs::add);
            long first = (long) panels.first(panel) * shape.n();
            lane.compute(thin.formula(), first, inputs, List.of(into));
        }
    }

    private static Optional<Matrix> operand(Thinning thin, int first, Matrix like, MatrixLane lane) {
        if (thin.operand().isEmpty()) {
            return Optional.empty();
        }
        Matrix operand = lane.temporary(like.rows(), like.cols(), Precision.F32);
        lane.values(thin.operand().getAsInt(), first, operand);
        return Optional.of(operand);
    }
}
