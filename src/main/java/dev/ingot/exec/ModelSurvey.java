// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.method.ModelStep;
import dev.ingot.method.TensorFacts;
import dev.ingot.method.TensorProgram;
import dev.ingot.plan.PlannedTensor;
import java.util.ArrayList;
import java.util.List;

/** Learns what a method has to know of the model as a whole, pass by pass. */
final class ModelSurvey {
    private final List<PlannedTensor> tensors;
    private final ProgramRun.Surroundings around;
    private final Passes passes;

    /** Runs tensors on all threads, and returns when all are done. */
    @FunctionalInterface
    interface Passes {
        /** @param memory bytes of native memory that are taken meanwhile, beyond the runs' own */
        void run(List<? extends TensorRun> runs, long memory);
    }

    /** @param tensors all that the method computes */
    ModelSurvey(List<PlannedTensor> tensors, ProgramRun.Surroundings around, Passes passes) {
        this.tensors = tensors;
        this.around = around;
        this.passes = passes;
    }

    /**
     * How to compute each tensor.
     *
     * @param memory bytes of native memory that selections may take
     */
    ModelStep.Programs programs(ModelStep first, long memory) {
        ModelStep step = first;
        while (true) {
            switch (step) {
                case ModelStep.Programs programs -> {
                    return programs;
                }
                case ModelStep.Survey survey -> step = survey.then().apply(facts(survey));
                case ModelStep.Select select ->
                    step = select.then().apply(new ModelSelection(tensors, select, around, passes, memory).cutoffs());
            }
        }
    }

    private List<TensorFacts> facts(ModelStep.Survey survey) {
        double[][] reported = new double[tensors.size()][];
        List<SurveyRun> runs = new ArrayList<>();
        for (int i = 0; i < reported.length; i++) {
            int place = i;
            PlannedTensor tensor = tensors.get(i);
            TensorProgram program = survey.programs().apply(tensor.context());
            runs.add(new SurveyRun(tensor, program, around, values -> reported[place] = values));
        }
        passes.run(runs, 0);
        List<TensorFacts> facts = new ArrayList<>();
        for (int i = 0; i < reported.length; i++) {
            facts.add(new TensorFacts(tensors.get(i).context(), reported[i]));
        }
        return facts;
    }
}
