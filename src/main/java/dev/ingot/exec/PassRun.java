// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.matrix.MatrixProgram;
import dev.ingot.method.Step;
import dev.ingot.plan.PlannedTensor;
import java.util.Optional;
import java.util.function.Function;

/** A single pass over a tensor, or over what a program on whole matrices makes of it first; its inputs will be read again. */
final class PassRun extends ProgramRun {
    private static final Step.Report MADE = new Step.Report();

    private final Optional<MatrixProgram> matrices;
    private final Function<PassRun, Phase> pass;

    /** @param matrices makes what the pass reads, if it reads such */
    PassRun(
            PlannedTensor tensor,
            Surroundings around,
            Optional<MatrixProgram> matrices,
            Function<PassRun, Phase> pass) {
        super(tensor, around);
        this.matrices = matrices;
        this.pass = pass;
    }

    @Override
    public Phase first(Lane lane) {
        return begin(lane);
    }

    @Override
    Phase compute(Lane lane) {
        return matrices.map(program -> phase(new Step.Matrices(program, facts -> MADE), lane))
                .orElseGet(() -> pass.apply(this));
    }

    @Override
    Phase last(Step step) {
        if (step == MADE) {
            return pass.apply(this);
        }
        throw new IllegalStateException("a single pass has no step " + step);
    }

    @Override
    public void complete() {
        inputs().unmap();
    }
}
