// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import dev.ingot.ffi.posix.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Large blocks of memory for numbers, straight from Linux: zero, taken from the machine when they are first touched and not
 * before, in pages of 2 MiB where it has some. Java's own allocation writes zeros to every block first, so that a block is gone
 * through twice, page by page of 4 KiB, and what is never used costs as much as what is. Elsewhere, and for small blocks, it is
 * Java's own. Thread-safe.
 */
public final class LargeMemory {
    /** Size of a large page on x86-64, and on AArch64 with small pages of 4 KiB. */
    private static final long PAGE = 2L << 20;

    private LargeMemory() {
    }

    /**
     * Memory of zeros that lives as long as the arena.
     *
     * @param owner     decides which threads may use it, and gives it back when it is closed
     * @param bytes     size
     * @param alignment a power of two, at most 2 MiB
     * @throws OutOfMemoryError if there is none
     */
    public static MemorySegment allocate(Arena owner, long bytes, long alignment) {
        return bytes >= PAGE && Holder.USABLE ? pages(owner, bytes) : owner.allocate(bytes, alignment);
    }

    private static MemorySegment pages(Arena owner, long bytes) {
        // One page more to begin at a large page: address space that is never touched.
        long size = bytes + PAGE;
        MemorySegment mapping = Libc.mmap(MemorySegment.NULL, size, Libc.PROT_READ() | Libc.PROT_WRITE(),
                Libc.MAP_PRIVATE() | Libc.MAP_ANONYMOUS(), -1, 0);
        if (mapping.address() == -1) {
            throw new OutOfMemoryError("no address space for " + bytes + " bytes");
        }
        MemorySegment owned = mapping.reinterpret(size, owner, memory -> Libc.munmap(memory, size));
        MemorySegment block = owned.asSlice(-mapping.address() & (PAGE - 1), bytes);
        // Whole pages only, so that not more is taken than was asked for. Without large pages it is as good, but slower.
        Libc.madvise(block, bytes - bytes % PAGE, Libc.MADV_HUGEPAGE());
        return block;
    }

    private static final class Holder {
        static final boolean USABLE = NativePlatform.current().isLinux64() && NativeAccess.refusal().isEmpty();
    }
}
