// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Things that live and end together: closed in reverse order, all of them, whatever fails on the way. For constructors too: what
 * was opened before a failure is closed.
 */
public final class Owned implements AutoCloseable {
    private final Deque<AutoCloseable> things = new ArrayDeque<>();

    /** Takes a thing over. */
    public <T extends AutoCloseable> T add(T thing) {
        things.push(thing);
        return thing;
    }

    /** Closes everything after a failure, which what fails on the way is suppressed in. */
    public void closeAfter(Throwable failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Closes everything; again is harmless.
     *
     * @throws RuntimeException the first failure, the others suppressed in it
     */
    @Override
    public void close() {
        RuntimeException failure = null;
        while (!things.isEmpty()) {
            try {
                things.pop().close();
            } catch (Exception e) {
                RuntimeException wrapped = e instanceof RuntimeException r ? r : new IllegalStateException(e);
                if (failure == null) {
                    failure = wrapped;
                } else {
                    failure.addSuppressed(wrapped);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
