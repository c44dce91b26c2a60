// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.method.Step;
import dev.ingot.method.TensorProgram;
import dev.ingot.plan.PlannedTensor;
import java.util.Optional;
import java.util.function.Consumer;

/** Learns a few numbers of one tensor. */
final class SurveyRun extends ProgramRun {
    private final TensorProgram program;
    private final Consumer<double[]> report;

    /** @param report gets the numbers, on some worker's thread */
    SurveyRun(PlannedTensor tensor, TensorProgram program, Surroundings around, Consumer<double[]> report) {
        super(tensor, around);
        this.program = program;
        this.report = report;
    }

    /** Hands the numbers over. */
    private record Reporting(double[] values, Consumer<double[]> report) implements Phase {
        @Override
        public int tiles() {
            return 0;
        }

        @Override
        public void run(int tile, Lane lane) {
            throw new IllegalStateException("a report has no tiles");
        }

        @Override
        public Optional<Phase> finish(Lane lane) {
            report.accept(values);
            return Optional.empty();
        }
    }

    @Override
    public Phase first(Lane lane) {
        openDraws();
        return begin(lane);
    }

    @Override
    Phase compute(Lane lane) {
        return phase(program.first(), lane);
    }

    @Override
    Phase last(Step step) {
        if (step instanceof Step.Report(double[] values)) {
            return new Reporting(values, report);
        }
        throw new IllegalStateException("the program of a survey writes no output: " + step);
    }

    @Override
    public void complete() {
        inputs().unmap();
    }
}
