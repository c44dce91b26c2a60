// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.CheckpointException;
import dev.ingot.error.DeviceException;
import dev.ingot.linalg.ConvergenceException;
import dev.ingot.linalg.FactorisationException;
import dev.ingot.matrix.MatrixStep;
import dev.ingot.method.Step;
import java.util.Optional;

/** A stage of a program on whole matrices; its tasks are the tiles. */
final class MatrixPhase implements Phase {
    private final ProgramRun run;
    private final Step.Matrices step;
    private final MatrixMemory memory;
    private final long temporary;
    private final MatrixStep.Stage stage;
    private final MatrixShare share;

    private MatrixPhase(
            ProgramRun run,
            Step.Matrices step,
            MatrixMemory memory,
            long temporary,
            MatrixStep.Stage stage,
            MatrixShare share) {
        this.run = run;
        this.step = step;
        this.memory = memory;
        this.temporary = temporary;
        this.stage = stage;
        this.share = share;
    }

    /** The first stage, or what comes after a program without stages. */
    static Phase first(ProgramRun run, Step.Matrices step, Lane lane) {
        MatrixMemory memory = run.matrices(step.program().needs().kept());
        long temporary = step.program().needs().temporary();
        MatrixShare share = new MatrixShare(run, step.program().parts());
        return next(run, step, memory, temporary, share, step.program().begin(memory), lane);
    }

    private static Phase next(
            ProgramRun run,
            Step.Matrices step,
            MatrixMemory memory,
            long temporary,
            MatrixShare share,
            MatrixStep next,
            Lane lane) {
        return switch (next) {
            case MatrixStep.Stage stage -> {
                share.begin(stage);
                yield new MatrixPhase(run, step, memory, temporary, stage, share);
            }
            case MatrixStep.Done done -> {
                share.end();
                memory.finish(done.products());
                yield run.phase(step.then().apply(done.facts()), lane);
            }
        };
    }

    @Override
    public int tiles() {
        return stage.tasks();
    }

    @Override
    public void run(int tile, Lane lane) {
        try {
            run.requireGoing();
            MatrixTask task = new MatrixTask(run, lane, temporary, share);
            stage.body().run(tile, task);
            task.done(1);
        } catch (ConvergenceException e) {
            throw new DeviceException(
                    "tensor '" + run.tensor().name() + "': " + e.getMessage(),
                    "the linear algebra library gave up on numbers that are finite: leave the tensor out by a filter of"
                            + " 'matrices'",
                    e);
        } catch (FactorisationException e) {
            throw new CheckpointException(
                    "tensor '" + run.tensor().name() + "' " + e.getMessage(),
                    "look for the model that is damaged with ingot inspect --spectrum, or leave the tensor out by a filter",
                    e);
        }
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.of(next(run, step, memory, temporary, share, stage.then().get(), lane));
    }
}
