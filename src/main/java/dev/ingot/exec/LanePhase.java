// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.Optional;
import java.util.function.Consumer;

/** Work that is done at once, on one lane. */
record LanePhase(Consumer<Lane> work) implements Phase {
    @Override
    public int tiles() {
        return 1;
    }

    @Override
    public void run(int tile, Lane lane) {
        work.accept(lane);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.empty();
    }
}
