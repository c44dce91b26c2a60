// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import dev.ingot.kernel.Formula;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Merges deltas element by element in their common basis (KnOTS, arXiv 2410.19735, section 4.2): U C, where C is computed from the
 * models' coefficients. The fact is the rank.
 *
 * @param coefficients those of the models
 * @param merge        computes the merged coefficient from those of all models
 */
public record AlignedMerge(AlignedCoefficients coefficients, Formula merge) implements MatrixProgram {
    private MatrixShape shape() {
        return coefficients.shape();
    }

    private JointBasis basis() {
        return new JointBasis(shape(), coefficients.threshold());
    }

    @Override
    public MatrixNeeds needs() {
        MatrixNeeds basis = basis().needs();
        // The deltas are dropped before the result is made, which is no larger.
        return new MatrixNeeds(
                basis.kept() + MatrixNeeds.of(shape().n(), shape().m(), Precision.F32),
                (shape().models() + coefficients.operands()) * basis().panelBytes(),
                basis.work());
    }

    @Override
    public int parts() {
        return JointBasis.PARTS + 2;
    }

    @Override
    public MatrixStep begin(MatrixSpace space) {
        return basis().find(space, found -> {
            Matrix merged = space.keep(shape().n(), shape().m(), Precision.F32);
            Panels panels = Panels.of(found.rank());
            return new MatrixStep.Stage(
                    panels.count(),
                    (panel, lane) -> merge(found, panels, panel, panels.of(merged, panel), lane),
                    () -> {
                        found.dropDeltas();
                        return put(merged, found, space);
                    });
        });
    }

    private void merge(JointBasis.Found found, Panels panels, int panel, Matrix into, MatrixLane lane) {
        List<Matrix> all = new ArrayList<>();
        for (int model = 0; model < shape().models(); model++) {
            all.add(lane.temporary(into.rows(), into.cols(), Precision.F32));
        }
        for (int model = 0; model < shape().models(); model++) {
            coefficients.compute(found, model, panels, panel, all.get(model), lane);
        }
        lane.compute(merge, all, List.of(into));
    }

    private MatrixStep put(Matrix merged, JointBasis.Found found, MatrixSpace space) {
        Matrix result = space.keep(shape().n(), shape().m(), Precision.F32);
        Panels panels = Panels.of(found.rank() == 0 ? 0 : shape().m());
        return new MatrixStep.Stage(
                panels.count(),
                (panel, lane) -> {
                    Matrix rows = found.vectors().block(panels.first(panel), 0, panels.width(panel), found.rank());
                    lane.algebra().gemm(1, merged.columns(found.rank()), false, rows, true, 0, panels.of(result, panel));
                },
                () -> new MatrixStep.Done(List.of(result), found.rank()));
    }
}
