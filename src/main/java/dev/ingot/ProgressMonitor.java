// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.exec.Progress;
import java.time.Duration;

/** Tells a listener regularly, on a thread of its own, how far a run is. */
final class ProgressMonitor implements AutoCloseable {
    private static final long PERIOD_MILLIS = 100;
    private static final System.Logger LOG = System.getLogger(ProgressMonitor.class.getName());

    private final Progress progress;
    private final ProgressListener listener;
    private final long start = System.nanoTime();
    private final Object lock = new Object();
    private final Thread thread = Thread.ofPlatform().name("ingot-progress").daemon().unstarted(this::loop);
    private boolean done;

    private ProgressMonitor(Progress progress, ProgressListener listener) {
        this.progress = progress;
        this.listener = listener;
    }

    static ProgressMonitor start(Progress progress, ProgressListener listener) {
        ProgressMonitor monitor = new ProgressMonitor(progress, listener);
        monitor.thread.start();
        return monitor;
    }

    private void loop() {
        while (true) {
            boolean last;
            synchronized (lock) {
                try {
                    if (!done) {
                        lock.wait(PERIOD_MILLIS);
                    }
                } catch (InterruptedException e) {
                    done = true;
                }
                last = done;
            }
            tell();
            if (last) {
                return;
            }
        }
    }

    private void tell() {
        Progress.Snapshot s = progress.snapshot();
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        try {
            listener.progress(new MergeProgress(
                    s.read(),
                    s.toRead(),
                    s.written(),
                    s.toWrite(),
                    s.tensor(),
                    s.activity().tensor(),
                    s.activity().share(),
                    elapsed));
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a progress listener failed", e);
        }
    }

    /** Tells the listener once more and returns when it has heard. */
    @Override
    public void close() {
        synchronized (lock) {
            done = true;
            lock.notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
