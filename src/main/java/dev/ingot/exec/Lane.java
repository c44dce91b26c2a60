// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Operand;
import dev.ingot.linalg.LinearAlgebra;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/** What one worker thread owns: its kernels, its output tile, its input tiles where files are not mapped. */
final class Lane implements AutoCloseable {
    private static final long ALIGNMENT = 4096;

    /** Numbers of buffers: values and origin of a computed score, and the first of several. */
    static final int COMPUTED = 0;
    /** A stored row, and the sums of several. */
    static final int ROW = 3;

    static final int ROW_SUMS = 4;
    /** Temporary matrices. */
    static final int MATRICES = 5;

    static final int CANDIDATES = 16;
    static final int BITS = 160;
    static final int FURTHER = 240;
    static final int INPUTS = 400;
    private static final int ZEROS = 2;

    private final Kernels kernels;
    private final List<Buffer> buffers = new ArrayList<>();
    private final List<LaneHistogram> histograms = new ArrayList<>();
    private final int mostHistograms;
    private final CRC32C checksum = new CRC32C();
    private final long algebraMemory;
    private LinearAlgebra algebra;

    /** Memory with an owner of its own, so that it can be freed when a larger one takes its place. */
    private record Buffer(Arena owner, MemorySegment memory) {
        static final Buffer NONE = new Buffer(null, MemorySegment.NULL);

        static Buffer of(long bytes) {
            Arena owner = Arena.ofConfined();
            return new Buffer(owner, owner.allocate(Math.max(bytes, 1), ALIGNMENT));
        }

        void free() {
            if (owner != null) {
                owner.close();
            }
        }
    }

    /**
     * Opens a lane for the calling thread.
     *
     * @param memory        what the kernels may hold for themselves, in bytes
     * @param algebraMemory what linear algebra may take for its work, in bytes
     * @param histograms    how many histograms it may count for by turns without handing over
     */
    Lane(Backend backend, long memory, long algebraMemory, int histograms) {
        this.kernels = backend.open(memory);
        this.algebraMemory = algebraMemory;
        this.mostHistograms = Math.max(1, histograms);
    }

    /** Without linear algebra. */
    Lane(Backend backend, long memory, int histograms) {
        this(backend, memory, 0, histograms);
    }

    Kernels kernels() {
        return kernels;
    }

    /** Opened when it is first asked for. */
    LinearAlgebra algebra() {
        if (algebra == null) {
            algebra = LinearAlgebra.open(algebraMemory, kernels);
        }
        return algebra;
    }

    CRC32C checksum() {
        checksum.reset();
        return checksum;
    }

    /** Reusable memory of at least this size, which keeps its content until the same index is asked for a larger one. */
    MemorySegment buffer(int index, long bytes) {
        while (buffers.size() <= index) {
            buffers.add(Buffer.NONE);
        }
        if (buffers.get(index).memory().byteSize() < bytes) {
            buffers.set(index, Buffer.NONE).free();
            buffers.set(index, Buffer.of(bytes));
        }
        return buffers.get(index).memory().asSlice(0, bytes);
    }

    /** What this worker counts for the histogram of that number, which those whose turn it is to share memory have too. */
    LaneHistogram histogram(int number) {
        int place = number % mostHistograms;
        while (histograms.size() <= place) {
            histograms.add(new LaneHistogram());
        }
        return histograms.get(place);
    }

    /** That many zeros, one byte each. */
    Operand zeros(long count) {
        // Fresh memory is zero, and nobody writes to this buffer.
        return new Operand(buffer(ZEROS, count), Dtype.F8_E5M2);
    }

    @Override
    public void close() {
        try {
            kernels.close();
        } finally {
            histograms.forEach(LaneHistogram::close);
            if (algebra != null) {
                algebra.close();
            }
            buffers.forEach(Buffer::free);
        }
    }
}
