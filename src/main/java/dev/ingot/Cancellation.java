// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.ArrayList;
import java.util.List;

/** A switch with which another thread stops a merge. May be shared by several merges. Thread-safe. */
public final class Cancellation {
    private final List<Runnable> actions = new ArrayList<>();
    private boolean cancelled;

    /** A switch that nobody has used yet. */
    public Cancellation() {}

    /** Stops the merges that use this switch soon, now or later. Returns at once. */
    public void cancel() {
        List<Runnable> toRun;
        synchronized (this) {
            cancelled = true;
            toRun = List.copyOf(actions);
        }
        toRun.forEach(Runnable::run);
    }

    /** Whether {@link #cancel} was called. */
    public synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Runs the action on cancellation, at once if that has happened; the result undoes the registration. */
    Runnable onCancel(Runnable action) {
        boolean now;
        synchronized (this) {
            actions.add(action);
            now = cancelled;
        }
        if (now) {
            action.run();
        }
        return () -> {
            synchronized (this) {
                actions.remove(action);
            }
        };
    }
}
