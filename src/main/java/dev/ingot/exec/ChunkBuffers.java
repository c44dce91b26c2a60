// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.ffi.LargeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reusable buffers for pieces of output files. Their number is bounded as long as writing can free one: who needs a buffer
 * waits while some are on their way to the disk, and gets a new one if none is, so that nobody waits for work that has not
 * been handed out yet. Thread-safe.
 */
final class ChunkBuffers implements AutoCloseable {
    /** Direct writes need buffers at multiples of the device's block, which is never larger than a page. */
    static final int ALIGNMENT = 4096;

    private final int size;
    private final int usual;
    private final Arena arena = Arena.ofShared();
    private final Deque<MemorySegment> free = new ArrayDeque<>();
    private int allocated;
    private int writing;

    /**
     * @param size  bytes of a buffer
     * @param usual how many there are unless more are needed to go on
     */
    ChunkBuffers(int size, int usual) {
        this.size = size;
        this.usual = usual;
    }

    int size() {
        return size;
    }

    synchronized MemorySegment acquire() {
        boolean interrupted = false;
        while (free.isEmpty() && allocated >= usual && writing > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (free.isEmpty()) {
            allocated++;
            return LargeMemory.allocate(arena, size, ALIGNMENT);
        }
        return free.pop();
    }

    /** Tells that one of the buffers is on its way to the disk. */
    synchronized void writing() {
        writing++;
    }

    /** Takes back a buffer that was {@link #writing}. */
    synchronized void written(MemorySegment buffer) {
        writing--;
        release(buffer);
    }

    /** Takes back a buffer that was not used. */
    synchronized void release(MemorySegment buffer) {
        free.push(buffer);
        notifyAll();
    }

    @Override
    public void close() {
        arena.close();
    }
}
