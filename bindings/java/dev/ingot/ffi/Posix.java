// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.ingot.ffi.posix.Libc;
import dev.ingot.ffi.posix.statfs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * File and memory hints of Linux. Constants are those of {@link Libc}. Methods that return a status return 0 or the
 * positive errno value; methods that return a number return it or the negated errno value. Calls interrupted by a
 * signal are repeated. Safe to use from any thread; file descriptors are the caller's to close.
 */
public final class Posix {
    /** Pages asked about in one mincore call; bounds the answer, one byte per page. */
    private static final long MINCORE_PAGES = 1 << 16;

    /** Kinds of file systems whose reads go over a network, or through another process that may do so (FUSE). */
    private final Set<Integer> remote = Set.of(
            Libc.NFS_SUPER_MAGIC(), Libc.SMB_SUPER_MAGIC(), Libc.SMB2_SUPER_MAGIC(), Libc.CIFS_SUPER_MAGIC(),
            Libc.CEPH_SUPER_MAGIC(), Libc.LUSTRE_SUPER_MAGIC(), Libc.GPFS_SUPER_MAGIC(), Libc.AFS_SUPER_MAGIC(),
            Libc.V9FS_MAGIC(), Libc.FUSE_SUPER_MAGIC());

    private final PosixCalls calls = new PosixCalls();
    private final long pageSize = Libc.getpagesize();

    private Posix() {
    }

    /**
     * The calls of this machine; empty where it is not Linux on x86-64 or AArch64, where native access is not enabled
     * ({@link NativeAccess#refusal()} then says which flag is missing), or where the C library lacks a function. Takes
     * some tens of milliseconds, so the outcome is worth keeping.
     */
    public static Optional<Posix> find() {
        if (!NativePlatform.current().isLinux64() || NativeAccess.refusal().isPresent()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Posix());
        } catch (LinkageError e) {
            return Optional.empty();
        }
    }

    /** Bytes of a page of memory. */
    public long pageSize() {
        return pageSize;
    }

    /**
     * Tells the kernel how mapped memory will be used. Advice that only reads ahead (WILLNEED, POPULATE_READ) is
     * widened to whole pages; every other advice is narrowed to the whole pages inside the segment, so that DONTNEED
     * cannot drop a neighbour's bytes. DONTNEED on a file mapping gives the pages back; the page cache keeps them.
     *
     * @param segment native memory
     * @param advice  one of {@code Libc.MADV_*}
     * @return 0 or errno
     */
    public int madvise(MemorySegment segment, int advice) {
        boolean widen = advice == Libc.MADV_WILLNEED() || advice == Libc.MADV_POPULATE_READ();
        MemorySegment pages = widen ? widened(segment) : narrowed(segment);
        return pages.byteSize() == 0
                ? 0
                : PosixCalls.status(calls.repeat(state ->
                        (int) calls.madvise.invokeExact(state, pages, pages.byteSize(), advice)));
    }

    /** How many pages the segment touches. */
    public long pageCount(MemorySegment segment) {
        return (widened(segment).byteSize() + pageSize - 1) / pageSize;
    }

    /**
     * How many of the pages that a mapped segment touches are in the page cache. Linux tells this only to those who own
     * the file or may write it, and says "all" to others (mincore(2), since Linux 5.2).
     *
     * @return a count up to {@link #pageCount}, or the negated errno
     */
    public long residentPages(MemorySegment segment) {
        MemorySegment pages = widened(segment);
        long step = MINCORE_PAGES * pageSize;
        long resident = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(Math.min(MINCORE_PAGES, pageCount(segment)));
            for (long offset = 0; offset < pages.byteSize(); offset += step) {
                MemorySegment part = pages.asSlice(offset, Math.min(step, pages.byteSize() - offset));
                long result = calls.repeat(state ->
                        (int) calls.mincore.invokeExact(state, part, part.byteSize(), answer));
                if (result < 0) {
                    return result;
                }
                long count = (part.byteSize() + pageSize - 1) / pageSize;
                for (long i = 0; i < count; i++) {
                    // Only the lowest bit is defined.
                    resident += answer.get(JAVA_BYTE, i) & 1;
                }
            }
        }
        return resident;
    }

    /**
     * Opens an existing file or directory a second time, beside Java's channel that hides its descriptor.
     *
     * @param flags {@code Libc.O_*}; close-on-exec is added
     * @return a file descriptor for {@link #close}, or the negated errno
     */
    public int openForHints(Path path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            return (int) calls.repeat(state ->
                    (int) calls.open.invokeExact(state, name, flags | Libc.O_CLOEXEC(), 0));
        }
    }

    /** Closes a descriptor; never repeated, as Linux has released it even when it reports EINTR. Returns 0 or errno. */
    public int close(int descriptor) {
        return PosixCalls.status(calls.once(state -> (int) calls.close.invokeExact(state, descriptor)));
    }

    /**
     * Reserves disk blocks and makes the file at least {@code offset + length} bytes long.
     *
     * @return 0 or errno: ENOSPC and EDQUOT mean it does not fit, EOPNOTSUPP that the file system cannot reserve
     */
    public int fallocate(int descriptor, long offset, long length) {
        return PosixCalls.status(calls.repeat(state ->
                (int) calls.fallocate.invokeExact(state, descriptor, 0, offset, length)));
    }

    /**
     * Starts, or waits for, writeback of a range of a file's dirty pages. Does not make them safe against power loss.
     *
     * @param flags {@code Libc.SYNC_FILE_RANGE_*}
     * @return 0 or errno
     */
    public int syncFileRange(int descriptor, long offset, long length, int flags) {
        return PosixCalls.status(calls.repeat(state ->
                (int) calls.syncFileRange.invokeExact(state, descriptor, offset, length, flags)));
    }

    /**
     * Tells the kernel how a range of a file will be used; DONTNEED drops its clean pages from the page cache.
     *
     * @param length bytes, 0 = to the end
     * @param advice one of {@code Libc.POSIX_FADV_*}
     * @return 0 or errno
     */
    public int fadvise(int descriptor, long offset, long length, int advice) {
        // The one function here that returns the error instead of setting errno.
        return (int) calls.once(state -> (int) calls.fadvise.invokeExact(descriptor, offset, length, advice));
    }

    /** Makes a file's content and metadata durable. Returns 0 or errno. */
    public int fsync(int descriptor) {
        return PosixCalls.status(calls.repeat(state -> (int) calls.fsync.invokeExact(state, descriptor)));
    }

    /** Makes a file's content durable, and its metadata as far as needed to read it. Returns 0 or errno. */
    public int fdatasync(int descriptor) {
        return PosixCalls.status(calls.repeat(state -> (int) calls.fdatasync.invokeExact(state, descriptor)));
    }

    /** Makes the names in a directory durable, for instance after a rename. Returns 0 or errno. */
    public int fsyncDirectory(Path directory) {
        int descriptor = openForHints(directory, Libc.O_RDONLY());
        if (descriptor < 0) {
            return -descriptor;
        }
        int synced = fsync(descriptor);
        int closed = close(descriptor);
        return synced != 0 ? synced : closed;
    }

    /**
     * Reads at a position, at most the segment's size.
     *
     * @return bytes read, 0 at the end of the file, or the negated errno
     */
    public long pread(int descriptor, MemorySegment target, long offset) {
        return calls.repeat(state ->
                (long) calls.pread.invokeExact(state, descriptor, target, target.byteSize(), offset));
    }

    /**
     * Writes at a position, at most the segment's size.
     *
     * @return bytes written, possibly fewer than asked, or the negated errno
     */
    public long pwrite(int descriptor, MemorySegment source, long offset) {
        return calls.repeat(state ->
                (long) calls.pwrite.invokeExact(state, descriptor, source, source.byteSize(), offset));
    }

    /** True if the file is known to lie on a network file system or behind FUSE; false also if it cannot be told. */
    public boolean isRemote(Path path) {
        return remote.contains(fileSystemType(path));
    }

    /** The magic number of the file's file system, or 0. */
    int fileSystemType(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            MemorySegment answer = arena.allocate(statfs.layout());
            long result = calls.repeat(state -> (int) calls.statfs.invokeExact(state, name, answer));
            // Magic numbers have 32 bits; in the long field some are sign-extended and some are not.
            return result == 0 ? (int) statfs.f_type(answer) : 0;
        }
    }

    /** From the start of the first page. Not tied to the segment's lifetime, so only for calls that change nothing. */
    private MemorySegment widened(MemorySegment segment) {
        long address = requireNative(segment).address();
        long head = address % pageSize;
        return head == 0 || segment.byteSize() == 0
                ? segment
                : MemorySegment.ofAddress(address - head).reinterpret(segment.byteSize() + head);
    }

    /** The whole pages inside the segment, possibly none; Java refuses to close its arena during a call. */
    private MemorySegment narrowed(MemorySegment segment) {
        long address = requireNative(segment).address();
        long start = (pageSize - address % pageSize) % pageSize;
        long end = segment.byteSize() - (address + segment.byteSize()) % pageSize;
        return start < end ? segment.asSlice(start, end - start) : segment.asSlice(0, 0);
    }

    private static MemorySegment requireNative(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("memory on the Java heap has no pages of its own");
        }
        return segment;
    }
}
