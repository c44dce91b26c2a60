// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.CudaStream;
import dev.ingot.cuda.DevicePool;
import dev.ingot.error.DeviceException;
import dev.ingot.ffi.nativelib.ingot_convert_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * The GPU of a lane, for algorithms above the kernels whose data stays there between steps: its context, memory of it, the
 * lane's way to and from it, and conversion. Confined to the lane's thread.
 */
public final class GpuLane {
    private final CudaSession session;
    private final CudaRing ring;
    private final MatrixUse use;
    private final Consumer<String> notice;
    private final Consumer<DeviceException> failure;

    /**
     * @param ring    what is copied goes through its memory
     * @param notice  takes a line for the user, of which the first one counts
     * @param failure takes a failure of the GPU, and returns if the host may go on in its place
     */
    GpuLane(CudaSession session, CudaRing ring, MatrixUse use, Consumer<String> notice, Consumer<DeviceException> failure) {
        this.session = session;
        this.ring = ring;
        this.use = use;
        this.notice = notice;
        this.failure = failure;
    }

    /** The same, with another who takes failures. */
    GpuLane withFailure(Consumer<DeviceException> another) {
        return new GpuLane(session, ring, use, notice, another);
    }

    /** Which matrices are to be worked on here. */
    public MatrixUse use() {
        return use;
    }

    /** Notes one line for the user. */
    public void notice(String line) {
        notice.accept(line);
    }

    /** Keeps the context, which becomes the calling thread's, until it is closed, even if the lane is closed before. */
    public Runnable hold() {
        session.acquire();
        return session::release;
    }

    /** Makes the context the calling thread's. */
    public void makeCurrent() {
        session.makeCurrent();
    }

    /** Memory, shared with the GPU's other lanes. */
    public DevicePool memory() {
        return session.memory();
    }

    /** What a failure means to the user. */
    public DeviceException fault(CudaException e) {
        return CudaFaults.of(session.gpu(), e);
    }

    /**
     * Tells of a failure, after which the host may go on in the GPU's place.
     *
     * @throws DeviceException if it may not, because the GPU was asked for
     */
    public void fail(CudaException e) {
        failure.accept(fault(e));
    }

    /** Copies rows of bytes to the GPU, where they lie one after the other, and waits until they are there. */
    public void send(Rows from, MemorySegment to) {
        ring.send(from, to);
    }

    /** Copies what lies on the GPU, once work on it is done, into rows of bytes, and waits for it. */
    public void fetch(MemorySegment from, Rows to) {
        ring.fetch(from, to);
    }

    /**
     * Rows of bytes in host memory.
     *
     * @param data   all of them
     * @param bytes  of a row
     * @param stride bytes from one row to the next
     * @param count  number of rows
     */
    public record Rows(MemorySegment data, long bytes, long stride, long count) {
        /** Bytes of all rows. */
        long total() {
            return bytes * count;
        }

        /** Copies what lies, without the gaps between rows, from a place on. */
        void read(long at, MemorySegment to) {
            pieces(at, to.byteSize(), (place, here, length) -> MemorySegment.copy(data, place, to, here, length));
        }

        /** The other way. */
        void write(long at, MemorySegment from) {
            pieces(at, from.byteSize(), (place, here, length) -> MemorySegment.copy(from, here, data, place, length));
        }

        /** Takes a run of bytes of one row, or of rows without gaps. */
        @FunctionalInterface
        private interface Piece {
            void take(long place, long here, long length);
        }

        private void pieces(long at, long length, Piece piece) {
            if (bytes == stride) {
                piece.take(at, 0, length);
                return;
            }
            for (long here = 0; here < length; ) {
                long column = (at + here) % bytes;
                long run = Math.min(bytes - column, length - here);
                piece.take((at + here) / bytes * stride + column, here, run);
                here += run;
            }
        }
    }

    /** Asks for a conversion on the GPU, of operands there that begin at multiples of 256 bytes and may be written up to the next. */
    public void convert(CudaStream stream, Operand from, Operand to, long count) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment arguments = ingot_convert_args.allocate(arena);
            KernelStructs.operand(ingot_convert_args.input(arguments), from);
            KernelStructs.operand(ingot_convert_args.output(arguments), to);
            ingot_convert_args.count(arguments, count);
            CudaFunction function = CudaFunction.CONVERT;
            stream.launch(session.kernel(function), function.blocks(count), 1, function.threads(), arguments);
        }
    }
}
