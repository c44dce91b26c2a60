// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.ChannelWeightFile;
import dev.ingot.checkpoint.MappedWeightFile;
import dev.ingot.checkpoint.SafetensorsHeader;
import dev.ingot.checkpoint.WeightFile;
import dev.ingot.ffi.Posix;
import dev.ingot.ffi.posix.Libc;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * An open input file. Mapped data that is in the page cache is the fastest to read, and data that is not the slowest, so a file
 * from a disk or a network is read by position, with the kernel told beforehand, and dropped from the cache behind.
 */
final class InputFile implements AutoCloseable {
    /** Share of a file's pages that must be in the page cache for mapping to pay. */
    private static final double CACHED_SHARE = 0.5;

    private static final long SAMPLE_BYTES = 256 << 10;
    private static final long MAX_SAMPLES = 64;

    private final MappedWeightFile mapping;
    private final Optional<ChannelWeightFile> channel;
    private final Optional<Posix> posix;
    private final boolean dropBehind;
    private final int descriptor;

    private InputFile(
            MappedWeightFile mapping, Optional<ChannelWeightFile> channel, Optional<Posix> posix, boolean dropBehind) {
        this.mapping = mapping;
        this.channel = channel;
        this.posix = posix;
        this.dropBehind = dropBehind;
        this.descriptor = channel.isPresent()
                ? posix.map(p -> p.openForHints(mapping.file(), Libc.O_RDONLY())).orElse(-1)
                : -1;
    }

    static InputFile open(SafetensorsHeader header, IoMode mode, Optional<Posix> posix) {
        MappedWeightFile mapping = WeightFile.map(header);
        boolean cached = posix.map(p -> isCached(mapping, p)).orElse(true);
        boolean remote = posix.map(p -> p.isRemote(mapping.file())).orElse(false);
        boolean byPosition =
                switch (mode) {
                    case MMAP -> false;
                    case PREAD -> true;
                    case AUTO -> !cached || remote;
                };
        if (!byPosition) {
            // Large pages where the file system has them: fewer faults, half the time in the kernel.
            posix.ifPresent(p -> p.madvise(mapping.view(0, mapping.size()), Libc.MADV_HUGEPAGE()));
        }
        try {
            return new InputFile(
                    mapping,
                    byPosition ? Optional.of(WeightFile.open(header)) : Optional.empty(),
                    posix,
                    mode == IoMode.AUTO && !cached);
        } catch (RuntimeException e) {
            mapping.close();
            throw e;
        }
    }

    /** Looks at evenly spread samples: asking for every page of a large file would take longer than opening it. */
    private static boolean isCached(MappedWeightFile mapping, Posix posix) {
        long samples = Math.clamp(mapping.size() / SAMPLE_BYTES, 1, MAX_SAMPLES);
        long stride = mapping.size() / samples;
        long resident = 0;
        long pages = 0;
        for (long i = 0; i < samples; i++) {
            MemorySegment part = mapping.view(i * stride, Math.min(SAMPLE_BYTES, stride));
            long found = posix.residentPages(part);
            if (found < 0) {
                return true;
            }
            resident += found;
            pages += posix.pageCount(part);
        }
        return resident >= CACHED_SHARE * pages;
    }

    /** Whether tiles are views of the mapping. */
    boolean mapped() {
        return channel.isEmpty();
    }

    MemorySegment view(long offset, long bytes) {
        return mapping.view(offset, bytes);
    }

    void read(long offset, MemorySegment into) {
        WeightFile file = channel.isPresent() ? channel.get() : mapping;
        file.read(offset, into);
    }

    void prefetch(long offset, long bytes) {
        if (descriptor >= 0) {
            posix.orElseThrow().fadvise(descriptor, offset, bytes, Libc.POSIX_FADV_WILLNEED());
        }
    }

    void unmap(long offset, long bytes) {
        posix.ifPresent(p -> p.madvise(mapping.view(offset, bytes), Libc.MADV_DONTNEED()));
    }

    void release(long offset, long bytes) {
        unmap(offset, bytes);
        if (dropBehind && descriptor >= 0) {
            posix.orElseThrow().fadvise(descriptor, offset, bytes, Libc.POSIX_FADV_DONTNEED());
        }
    }

    @Override
    public void close() {
        channel.ifPresent(WeightFile::close);
        mapping.close();
        if (descriptor >= 0) {
            posix.orElseThrow().close(descriptor);
        }
    }
}
