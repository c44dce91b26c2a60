// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.error.ResourceException;
import dev.ingot.ffi.LargeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One block of memory that operations cut their work space from and give back in reverse order. It grows between operations
 * only, never inside of one. Confined to a thread.
 */
final class Scratch implements AutoCloseable {
    /** Every piece begins at a cache line. */
    static final long ALIGNMENT = 64;

    private final long limit;
    private Arena owner = Arena.ofConfined();
    private MemorySegment memory = MemorySegment.NULL;
    private long used;
    private long peak;

    /** @param limit bytes that it may grow to */
    Scratch(long limit) {
        this.limit = limit;
    }

    /** What was cut off since it was opened; closing gives it back. */
    final class Frame implements AutoCloseable {
        private final long start = used;

        Matrix matrix(int rows, int cols, Precision precision) {
            return Matrix.of(bytes(Matrix.bytes(rows, cols, precision)), rows, cols, precision);
        }

        MemorySegment bytes(long count) {
            long size = padded(count);
            if (used + size > memory.byteSize()) {
                throw new IllegalStateException(
                        used + size + " bytes of work space are needed, " + memory.byteSize() + " were planned");
            }
            MemorySegment piece = memory.asSlice(used, size);
            used += size;
            peak = Math.max(peak, used);
            return piece;
        }

        @Override
        public void close() {
            used = start;
        }
    }

    /** The space that a piece of this size takes. */
    static long padded(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** The space that a packed matrix takes. */
    static long matrix(long rows, long cols, Precision precision) {
        return padded(Matrix.bytes(rows, cols, precision));
    }

    /**
     * Makes sure that this much can be cut off.
     *
     * @throws ResourceException if that is more than the limit
     */
    void require(long bytes) {
        if (bytes <= memory.byteSize()) {
            return;
        }
        if (used > 0) {
            throw new IllegalStateException("work space is in use and cannot grow");
        }
        if (bytes > limit) {
            throw new ResourceException(
                    "a factorisation needs " + bytes + " bytes of work space, but may use " + limit,
                    "give it more memory (--memory)");
        }
        owner.close();
        owner = Arena.ofConfined();
        memory = MemorySegment.NULL;
        memory = LargeMemory.allocate(owner, bytes, ALIGNMENT);
    }

    Frame frame() {
        return new Frame();
    }

    /** The most bytes that were ever in use. */
    long peak() {
        return peak;
    }

    @Override
    public void close() {
        owner.close();
    }
}
