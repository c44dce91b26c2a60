// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.error.DeviceException;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.Kernels;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerTeamTest {
    private static final Backend REFERENCE = Backends.detect(Map.of()).choose("reference").backend();

    /** A backend whose lanes cannot be opened. */
    private record Broken() implements Backend {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public String description() {
            return name();
        }

        @Override
        public Kernels open(long memory) {
            throw new DeviceException("no lane", "mend it");
        }
    }

    @Test
    void everyTileIsWorkedOffOnce() {
        AtomicIntegerArray done = new AtomicIntegerArray(100);
        try (WorkerTeam team = new WorkerTeam(REFERENCE, 3)) {
            team.run(List.of(new WorkerTeam.Phase(100, (lane, worker, tile) -> done.incrementAndGet(tile))));
        }
        for (int tile = 0; tile < done.length(); tile++) {
            assertThat(done.get(tile)).isEqualTo(1);
        }
    }

    @Test
    void failureIsThrownAndTheTeamEnds() {
        try (WorkerTeam team = new WorkerTeam(REFERENCE, 2)) {
            assertThatThrownBy(() -> team.run(List.of(new WorkerTeam.Phase(4, (lane, worker, tile) -> {
                        throw new IllegalStateException("tile");
                    }))))
                    .hasMessage("tile");
        }
    }

    @Test
    void laneThatCannotBeOpenedIsAFailure() {
        try (WorkerTeam team = new WorkerTeam(new Broken(), 2)) {
            assertThatThrownBy(() -> team.run(List.of(new WorkerTeam.Phase(4, (lane, worker, tile) -> {}))))
                    .isInstanceOf(DeviceException.class);
        }
    }
}
