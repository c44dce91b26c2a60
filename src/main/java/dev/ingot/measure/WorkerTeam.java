// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.cuda.Owned;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Threads that work off the tiles of one phase after the other, each with a lane of the backend. Used by one thread. */
final class WorkerTeam implements AutoCloseable {
    private final List<Thread> workers = new ArrayList<>();
    private final CyclicBarrier barrier;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    // Written before the barrier and read after it.
    private Phase phase;

    /** What is done with a tile. */
    interface Task {
        /**
         * @param lane   the worker's lane
         * @param worker index of the worker, from 0
         * @param tile   index of the tile, from 0
         */
        void run(Kernels lane, int worker, int tile);
    }

    /**
     * Tiles that may be worked off in any order.
     *
     * @param tiles how many
     * @param task  what is done with each
     */
    record Phase(int tiles, Task task) {}

    WorkerTeam(Backend backend, int threads) {
        barrier = new CyclicBarrier(threads + 1);
        for (int i = 0; i < threads; i++) {
            int worker = i;
            workers.add(Thread.ofPlatform().name("ingot-bench-" + i).daemon().start(() -> work(backend, worker)));
        }
    }

    int size() {
        return workers.size();
    }

    /** Runs phases in their order, the next one when all tiles of the last are done. Returns the seconds this took. */
    double run(List<Phase> phases) {
        long start = System.nanoTime();
        for (Phase one : phases) {
            phase = one;
            next.set(0);
            await();
            await();
            switch (failure.getAndSet(null)) {
                case null -> {}
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void work(Backend backend, int worker) {
        try (Owned owned = new Owned()) {
            Kernels lane = null;
            while (true) {
                await();
                Phase current = phase;
                if (current == null) {
                    return;
                }
                try {
                    // Here a failure is told; outside, the others would wait for this worker for ever.
                    lane = lane == null ? owned.add(backend.open()) : lane;
                    for (int tile = next.getAndIncrement(); tile < current.tiles(); tile = next.getAndIncrement()) {
                        current.task().run(lane, worker, tile);
                    }
                } catch (RuntimeException | Error e) {
                    failure.set(e);
                }
                await();
            }
        }
    }

    private void await() {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    @Override
    public void close() {
        phase = null;
        await();
    }
}
