// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

/** Counts bytes of native memory that tensors in progress may hold. Guarded by its user's lock. */
final class MemoryBudget {
    private long free;

    MemoryBudget(long bytes) {
        this.free = bytes;
    }

    /** Takes bytes if they are free, or in any case when {@code force} is set. */
    boolean tryAcquire(long bytes, boolean force) {
        if (bytes > free && !force) {
            return false;
        }
        free -= bytes;
        return true;
    }

    void release(long bytes) {
        free += bytes;
    }
}
