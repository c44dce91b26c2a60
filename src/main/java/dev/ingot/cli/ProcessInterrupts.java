// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.error.ExitCode;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM. Java answers them by running shutdown hooks while the program goes on; the hook here stops the
 * work, waits until it has ended in order, and then ends the process with the work's own exit code instead of Java's.
 */
final class ProcessInterrupts implements Interrupts {
    /** An orderly end takes a moment only; work that hangs, in a dead network file system say, is left behind. */
    private static final long PATIENCE_SECONDS = 30;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile int code = ExitCode.INTERRUPTED.code();

    @Override
    public void onInterrupt(Runnable action) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(action), "ingot-interrupt"));
    }

    /** Tells that the work has ended and the process will end next. */
    void ended(int exitCode) {
        code = exitCode;
        ended.countDown();
    }

    private void stop(Runnable action) {
        if (ended.getCount() == 0) {
            return;
        }
        action.run();
        try {
            // When time is up the process ends all the same: an interrupted merge can be continued.
            ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(code);
    }
}
