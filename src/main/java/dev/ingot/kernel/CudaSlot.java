// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaModule;
import dev.ingot.cuda.CudaStream;
import dev.ingot.ffi.gpu.IngotGpu;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A stream with its memory: a pinned buffer, one of the same size on the GPU whose regions have the same places, and scratch
 * memory that only the GPU has. A piece of work takes regions from the start on: first what goes in, then what comes out.
 */
final class CudaSlot {
    private static final long ALIGNMENT = IngotGpu.INGOT_GPU_ALIGNMENT();

    private final CudaSession session;
    private final CudaStream stream;
    private final Kernels host;
    private final MemorySegment pinned;
    private final MemorySegment device;
    private final List<Download> downloads = new ArrayList<>();
    private long used;
    private long inputEnd;
    private long scratchUsed;

    /** A region of the pinned buffer that is being filled, and what is done with it then. */
    private record Download(MemorySegment region, Consumer<MemorySegment> sink) {}

    /**
     * @param host   copies inputs, which may be mapped files
     * @param pinned the pinned buffer
     * @param device memory of the GPU, larger by the scratch memory
     */
    CudaSlot(CudaSession session, CudaStream stream, Kernels host, MemorySegment pinned, MemorySegment device) {
        this.session = session;
        this.stream = stream;
        this.host = host;
        this.pinned = pinned;
        this.device = device;
    }

    long hostBytes() {
        return pinned.byteSize();
    }

    long deviceBytes() {
        return device.byteSize();
    }

    CudaStream stream() {
        return stream;
    }

    /** The pinned buffer, between pieces of work. */
    MemorySegment pinned() {
        return pinned;
    }

    /** Begins a new piece of work; the last one must have been finished. */
    void begin() {
        used = 0;
        inputEnd = -1;
        scratchUsed = pinned.byteSize();
        downloads.clear();
    }

    /**
     * Takes over a run of elements.
     *
     * @param lead elements to leave undefined in front of them
     * @return the operand on the GPU, which begins with the lead
     */
    Operand input(Operand source, long first, long count, long lead) {
        long element = source.dtype().bytes();
        long at = reserve((lead + count) * element);
        MemorySegment from = source.data().asSlice(first * element, count * element);
        MemorySegment to = pinned.asSlice(at + lead * element, count * element);
        host.convert(new Operand(from, source.dtype()), new Operand(to, source.dtype()), count);
        return new Operand(device.asSlice(at, (lead + count) * element), source.dtype());
    }

    /** Takes over the operands of all models. */
    List<Operand> inputs(List<Operand> sources, long first, long count, long lead) {
        List<Operand> inputs = new ArrayList<>();
        for (Operand source : sources) {
            inputs.add(input(source, first, count, lead));
        }
        return inputs;
    }

    /** Takes over bytes, and gives their place on the GPU. */
    MemorySegment put(MemorySegment data, long bytes) {
        long at = reserve(bytes);
        MemorySegment.copy(data, 0, pinned, at, bytes);
        return device.asSlice(at, bytes);
    }

    /** Keeps room for bytes that follow before {@link #upload}, and gives their place on the GPU. */
    MemorySegment hold(long bytes) {
        return device.asSlice(reserve(bytes), bytes);
    }

    /** Writes what {@link #hold} has kept room for. */
    void fill(MemorySegment held, MemorySegment data) {
        MemorySegment.copy(data, 0, pinned, held.address() - device.address(), held.byteSize());
    }

    /** Says that what is reserved from now on only comes out. */
    void endInput() {
        inputEnd = used;
    }

    /** Sends all that was taken over to the GPU. */
    void upload() {
        long bytes = inputEnd < 0 ? used : inputEnd;
        if (bytes > 0) {
            stream.copyToDevice(pinned.asSlice(0, bytes), device.asSlice(0, bytes));
        }
    }

    /** Room for output elements that go to a run of elements of an operand once they are computed. */
    Operand output(Operand destination, long first, long count, long lead) {
        long element = destination.dtype().bytes();
        MemorySegment to = destination.data().asSlice(first * element, count * element);
        MemorySegment from = result(
                (lead + count) * element, region -> to.copyFrom(region.asSlice(lead * element, count * element)));
        return new Operand(from, destination.dtype());
    }

    /** Room on the GPU for results that are handed over once they are computed. */
    MemorySegment result(long bytes, Consumer<MemorySegment> sink) {
        long at = reserve(bytes);
        downloads.add(new Download(pinned.asSlice(at, bytes), sink));
        return device.asSlice(at, bytes);
    }

    /** Asks for results in a region that {@link #put} has given. */
    void resultIn(MemorySegment region, Consumer<MemorySegment> sink) {
        long at = region.address() - device.address();
        downloads.add(new Download(pinned.asSlice(at, region.byteSize()), sink));
    }

    /** Fills memory of the GPU with zeros. */
    void clear(MemorySegment region) {
        stream.clear(region);
    }

    /** Memory that only the GPU sees. */
    MemorySegment scratch(long bytes) {
        long at = scratchUsed;
        scratchUsed += roundUp(bytes);
        return device.asSlice(at, bytes);
    }

    void launch(CudaFunction function, int columns, int rows, MemorySegment arguments) {
        CudaModule.Kernel kernel = session.kernel(function);
        stream.launch(kernel, columns, rows, function.threads(), arguments);
    }

    /** Asks for the results; {@link #finish} waits for them. */
    void download() {
        for (Download download : downloads) {
            MemorySegment region = download.region();
            stream.copyToHost(twin(region), region);
        }
    }

    /** Waits for the piece of work and hands its results over. */
    void finish() {
        stream.synchronize();
        List<Download> finished = List.copyOf(downloads);
        downloads.clear();
        for (Download download : finished) {
            download.sink().accept(download.region());
        }
    }

    /**
     * Fetches memory of the GPU by way of the pinned buffer, whose content is lost; only in {@link #finish}, when the piece of
     * work is done.
     */
    void fetch(MemorySegment from, MemorySegment to) {
        for (long at = 0; at < to.byteSize(); ) {
            long bytes = Math.min(to.byteSize() - at, pinned.byteSize());
            stream.copyToHost(from.asSlice(at, bytes), pinned.asSlice(0, bytes));
            stream.synchronize();
            to.asSlice(at, bytes).copyFrom(pinned.asSlice(0, bytes));
            at += bytes;
        }
    }

    private MemorySegment twin(MemorySegment region) {
        return device.asSlice(region.address() - pinned.address(), region.byteSize());
    }

    private long reserve(long bytes) {
        long at = used;
        used += roundUp(bytes);
        return at;
    }

    private static long roundUp(long bytes) {
        return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }
}
