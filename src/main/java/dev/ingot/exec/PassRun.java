// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.method.Step;
import dev.ingot.plan.PlannedTensor;
import java.util.function.Function;

/** A single pass over a tensor, whose inputs will be read again. */
final class PassRun extends ProgramRun {
    private final Function<PassRun, Phase> pass;

    PassRun(PlannedTensor tensor, Surroundings around, Function<PassRun, Phase> pass) {
        super(tensor, around);
        this.pass = pass;
    }

    @Override
    public Phase first(Lane lane) {
        return begin(lane);
    }

    @Override
    Phase compute(Lane lane) {
        return pass.apply(this);
    }

    @Override
    Phase last(Step step) {
        throw new IllegalStateException("a single pass has no step " + step);
    }

    @Override
    public void complete() {
        inputs().unmap();
    }
}
