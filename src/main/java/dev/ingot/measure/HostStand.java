// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Backend;
import java.util.List;
import java.util.function.LongSupplier;

/** A backend that computes in the machine's own memory, on several threads. */
final class HostStand implements Stand {
    private static final long LEAST_ROUND = 256L << 20;

    private static final long UNKNOWN_MEMORY = 4L << 30;

    private final Backend backend;
    private final LongSupplier memory;
    private final WorkerTeam team;

    /** @param memory bytes that may be taken without swapping; 0 where nobody knows */
    HostStand(Backend backend, int threads, LongSupplier memory) {
        this.backend = backend;
        this.memory = memory;
        team = new WorkerTeam(backend, threads);
    }

    @Override
    public String description() {
        return backend.description() + ", " + threads();
    }

    @Override
    public String copyDescription() {
        return "memcpy, " + threads();
    }

    private String threads() {
        return team.size() == 1 ? "1 thread" : team.size() + " threads";
    }

    @Override
    public long roundBytes() {
        return Math.max(LEAST_ROUND, 4 * HostCaches.lastLevel());
    }

    @Override
    public long capacity() {
        long available = memory.getAsLong();
        return (available > 0 ? available : UNKNOWN_MEMORY) / 4 * 3;
    }

    @Override
    public Loaded load(Dtype dtype, long elements, List<RoundPlan> plans, long copied) {
        return new HostLoaded(team, dtype, elements, plans, copied);
    }

    @Override
    public void close() {
        team.close();
    }
}
