// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Threads that write output files, so that workers compute while the disk is busy. Few are enough: one write is large, and
 * writers of one file take turns in the kernel.
 */
final class ShardWriter implements AutoCloseable {
    private static final int THREADS = 2;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final ExecutorService threads;

    ShardWriter() {
        AtomicInteger number = new AtomicInteger();
        threads = Executors.newFixedThreadPool(
                THREADS,
                task -> Thread.ofPlatform()
                        .name("ingot-writer-" + number.getAndIncrement())
                        .daemon()
                        .unstarted(task));
    }

    /** Runs a write soon. It runs after failures too, to release what it holds: see {@link #failed}. */
    void submit(Runnable write) {
        threads.execute(() -> {
            try {
                write.run();
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        });
    }

    /** Whether a write has failed; then nothing should be written any more. */
    boolean failed() {
        return failure.get() != null;
    }

    /** Throws what a write failed with, if one has failed. */
    void check() {
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    /** Waits until all writes have ended. */
    @Override
    public void close() {
        threads.shutdown();
        boolean interrupted = false;
        while (!threads.isTerminated()) {
            try {
                threads.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
