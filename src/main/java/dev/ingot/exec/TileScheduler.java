// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Runs tensors on worker threads. Workers take tiles of the oldest tensor that has some; while its last tiles of a pass are
 * under way they go on with the next tensor, as far as memory allows, so that no pass ends in a wait.
 */
final class TileScheduler {
    private final Iterator<? extends TensorRun> pending;
    private final MemoryBudget budget;
    private final AtomicBoolean cancelled;
    private final Deque<Active> active = new ArrayDeque<>();
    private TensorRun next;
    private Throwable failure;

    private static final class Active {
        final TensorRun run;
        Phase phase;
        int nextTile;
        int unfinished;
        boolean advancing = true;

        Active(TensorRun run) {
            this.run = run;
        }
    }

    /** A tile to run; tile -1 opens the tensor. */
    private record Work(Active active, int tile) {}

    TileScheduler(Iterator<? extends TensorRun> runs, MemoryBudget budget, AtomicBoolean cancelled) {
        this.pending = runs;
        this.budget = budget;
        this.cancelled = cancelled;
    }

    /**
     * Runs everything, then returns; the first failure of a worker is thrown after all workers have stopped.
     *
     * @param lanes opens a worker's lane on the worker's thread
     */
    void run(int threads, Supplier<Lane> lanes) {
        List<Thread> workers = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                workers.add(Thread.ofPlatform().name("ingot-worker-" + i).daemon().start(() -> work(lanes)));
            }
        } catch (OutOfMemoryError e) {
            // No more threads: those that run must end before what they use is closed.
            fail(e);
        }
        boolean interrupted = false;
        for (Thread worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                    cancelled.set(true);
                }
            }
        }
        active.forEach(a -> a.run.close());
        if (next != null) {
            next.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException(failure);
        }
    }

    private void work(Supplier<Lane> lanes) {
        try (Lane lane = lanes.get()) {
            for (Optional<Work> work = take(); work.isPresent(); work = take()) {
                Active active = work.get().active();
                if (work.get().tile() < 0) {
                    advance(active, Optional.of(active.run.first(lane)), lane);
                } else {
                    active.phase.run(work.get().tile(), lane);
                    if (tileDone(active)) {
                        advance(active, active.phase.finish(lane), lane);
                    }
                }
            }
        } catch (Throwable e) {
            fail(e);
        }
    }

    /** Enters the next pass, through passes without tiles, and closes the tensor after the last. */
    private void advance(Active active, Optional<Phase> phase, Lane lane) {
        Optional<Phase> current = phase;
        while (current.isPresent() && current.get().tiles() == 0) {
            current = current.get().finish(lane);
        }
        if (current.isEmpty()) {
            active.run.complete();
            active.run.close();
        }
        enter(active, current);
    }

    private synchronized void enter(Active active, Optional<Phase> phase) {
        if (phase.isPresent()) {
            active.phase = phase.get();
            active.nextTile = 0;
            active.unfinished = phase.get().tiles();
            active.advancing = false;
        } else {
            this.active.remove(active);
            budget.release(active.run.memory());
        }
        notifyAll();
    }

    private synchronized boolean tileDone(Active active) {
        active.unfinished--;
        active.advancing = active.unfinished == 0;
        return active.advancing;
    }

    private synchronized void fail(Throwable e) {
        if (failure == null) {
            failure = e;
        } else if (failure != e) {
            failure.addSuppressed(e);
        }
        notifyAll();
    }

    private synchronized Optional<Work> take() throws InterruptedException {
        while (true) {
            if (failure != null || cancelled.get()) {
                notifyAll();
                return Optional.empty();
            }
            for (Active a : active) {
                if (!a.advancing && a.nextTile < a.phase.tiles()) {
                    return Optional.of(new Work(a, a.nextTile++));
                }
            }
            if (next == null && pending.hasNext()) {
                next = pending.next();
            }
            if (next != null && budget.tryAcquire(next.memory(), active.isEmpty())) {
                Active opened = new Active(next);
                next = null;
                active.add(opened);
                return Optional.of(new Work(opened, -1));
            }
            if (next == null && active.isEmpty()) {
                return Optional.empty();
            }
            wait();
        }
    }
}
