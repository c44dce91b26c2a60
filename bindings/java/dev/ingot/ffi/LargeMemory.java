// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import dev.ingot.error.ResourceException;
import dev.ingot.ffi.posix.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Large blocks of memory for numbers, straight from Linux: zero, and taken from the machine when they are first touched, not
 * before. Java's own allocation writes zeros to all of a block at once, so that every page is gone through twice, and what is
 * never used costs as much as what is. Elsewhere, and for small blocks, it is Java's own. Thread-safe.
 *
 * <p>Large pages are not asked for: a virtual machine that gives its free memory back to the host has to fetch every one of
 * them from there, which takes several times longer than the small pages that it keeps.
 */
public final class LargeMemory {
    /** From this size on a mapping costs less than filling with zeros. */
    private static final long LARGE = 1L << 20;

    private LargeMemory() {
    }

    /**
     * Memory of zeros that lives as long as the arena.
     *
     * @param owner     decides which threads may use it, and gives it back when it is closed
     * @param bytes     size
     * @param alignment a power of two, at most 4096
     * @throws ResourceException if there is none
     */
    public static MemorySegment allocate(Arena owner, long bytes, long alignment) {
        return bytes >= LARGE && Holder.USABLE ? pages(owner, bytes) : owner.allocate(bytes, alignment);
    }

    private static MemorySegment pages(Arena owner, long bytes) {
        MemorySegment memory = Libc.mmap(MemorySegment.NULL, bytes, Libc.PROT_READ() | Libc.PROT_WRITE(),
                Libc.MAP_PRIVATE() | Libc.MAP_ANONYMOUS(), -1, 0);
        if (memory.address() == -1) {
            throw new ResourceException(
                    "the system gives no memory for a block of " + bytes + " bytes",
                    "lower --memory or --threads, or lift the limit that the process runs under (ulimit -v)");
        }
        return memory.reinterpret(bytes, owner, block -> Libc.munmap(block, bytes));
    }

    private static final class Holder {
        static final boolean USABLE = NativePlatform.current().isLinux64() && NativeAccess.refusal().isEmpty();
    }
}
