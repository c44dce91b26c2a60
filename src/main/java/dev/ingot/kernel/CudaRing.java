// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.CudaStream;
import dev.ingot.cuda.Owned;
import dev.ingot.cuda.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A lane's memory, of fixed size, as a ring of slots: while one slot's piece of work is under way on the GPU, the next slot is
 * filled. Work whose smallest piece does not fit into a slot gets all memory as one.
 */
final class CudaRing implements AutoCloseable {
    static final int SLOTS = 3;

    /** Memory on the GPU for each byte of pinned memory: as much again is scratch. */
    static final int DEVICE_SHARE = 2;

    /** Pieces are no smaller for the sake of overlap alone: launches and copies would cost more than they hide. */
    private static final long LEAST_PIECE = 1 << 17;

    /** With pieces smaller than this, one large slot is better than a ring. */
    private static final long LEAST_RING_PIECE = 1 << 13;

    private final Owned owned = new Owned();
    private final List<CudaSlot> slots;
    private final CudaSlot whole;

    /** Fills a slot with a run of elements and starts the GPU's work on them. */
    @FunctionalInterface
    interface Work {
        void submit(CudaSlot slot, long first, long count);
    }

    /**
     * Allocates in the current context.
     *
     * @param bytes pinned memory of the ring
     */
    CudaRing(CudaSession session, Kernels host, long bytes) {
        try {
            long slot = bytes / SLOTS / 4096 * 4096;
            MemorySegment pinned = owned.add(PinnedMemory.allocate(slot * SLOTS)).segment();
            MemorySegment device = owned.add(session.memory().claim(slot * SLOTS * DEVICE_SHARE)).segment();
            List<CudaStream> streams = IntStream.range(0, SLOTS)
                    .mapToObj(i -> owned.add(CudaStream.create()))
                    .toList();
            slots = IntStream.range(0, SLOTS)
                    .mapToObj(i -> new CudaSlot(
                            session,
                            streams.get(i),
                            host,
                            pinned.asSlice(i * slot, slot),
                            device.asSlice(i * slot * DEVICE_SHARE, slot * DEVICE_SHARE)))
                    .toList();
            whole = new CudaSlot(session, streams.getFirst(), host, pinned, device);
        } catch (CudaException e) {
            owned.closeAfter(e);
            throw e;
        }
    }

    /** Works with all memory as one slot; for work that decides after each piece how to go on. */
    <T> T alone(Function<CudaSlot, T> work) {
        try {
            return work.apply(whole);
        } catch (RuntimeException | Error e) {
            settle(whole, e);
            throw e;
        }
    }

    /** How many elements a piece of all memory may have, a multiple of the cut's step unless it is all; 0 if none fits. */
    long wholePiece(CudaCut cut, long count) {
        long fits = cut.elements(whole.hostBytes(), whole.deviceBytes());
        return fits >= count ? count : Math.max(0, fits / cut.step() * cut.step());
    }

    /**
     * Cuts elements into pieces and works on them, in order; results are handed over in that order.
     *
     * @param start flat index of the first element, as far as the kernel's result depends on it
     * @return false if not even the smallest piece fits, and nothing was done
     */
    boolean run(CudaCut cut, long start, long count, Work work) {
        CudaSlot first = slots.getFirst();
        long piece = cut.elements(first.hostBytes(), first.deviceBytes());
        List<CudaSlot> ring = slots;
        if (piece >= Math.min(count, Math.max(cut.step(), LEAST_RING_PIECE))) {
            long even = Math.ceilDiv(Math.ceilDiv(count, SLOTS), cut.step()) * cut.step();
            piece = Math.min(piece, Math.max(even, LEAST_PIECE));
        } else {
            ring = List.of(whole);
            piece = wholePiece(cut, count);
        }
        if (piece == 0 && count > 0) {
            return false;
        }
        run(ring, cut.step(), piece, start, count, work);
        return true;
    }

    private static void run(List<CudaSlot> ring, long step, long piece, long start, long count, Work work) {
        Deque<CudaSlot> busy = new ArrayDeque<>();
        try {
            int next = 0;
            for (long at = 0; at < count; ) {
                long end = at + piece >= count ? count : (start + at + piece) / step * step - start;
                if (busy.size() == ring.size()) {
                    busy.peek().finish();
                    busy.remove();
                }
                CudaSlot slot = ring.get(next++ % ring.size());
                slot.begin();
                busy.add(slot);
                work.submit(slot, at, end - at);
                at = end;
            }
            while (!busy.isEmpty()) {
                busy.peek().finish();
                busy.remove();
            }
        } catch (RuntimeException | Error e) {
            busy.forEach(slot -> settle(slot, e));
            throw e;
        }
    }

    /** Copies rows of bytes to the GPU through the pinned buffers and waits. The GPU must have finished with the memory there. */
    void send(GpuLane.Rows from, MemorySegment to) {
        transfer(from.total(), (slot, at, bytes) -> {
            MemorySegment buffer = slot.pinned().asSlice(0, bytes);
            from.read(at, buffer);
            slot.stream().copyToDevice(buffer, to.asSlice(at, bytes));
            return () -> slot.stream().synchronize();
        });
    }

    /** Copies memory of the GPU, where work on it is done, to rows of bytes. */
    void fetch(MemorySegment from, GpuLane.Rows to) {
        transfer(to.total(), (slot, at, bytes) -> {
            MemorySegment buffer = slot.pinned().asSlice(0, bytes);
            slot.stream().copyToHost(from.asSlice(at, bytes), buffer);
            return () -> {
                slot.stream().synchronize();
                to.write(at, buffer);
            };
        });
    }

    /** Starts a copy of a run of bytes, and gives what is to be done at its end. */
    @FunctionalInterface
    private interface Copy {
        Runnable start(CudaSlot slot, long at, long bytes);
    }

    private void transfer(long total, Copy copy) {
        Deque<Runnable> ends = new ArrayDeque<>();
        try {
            int next = 0;
            for (long at = 0; at < total; ) {
                if (ends.size() == SLOTS) {
                    ends.remove().run();
                }
                CudaSlot slot = slots.get(next++ % SLOTS);
                long bytes = Math.min(slot.hostBytes(), total - at);
                ends.add(copy.start(slot, at, bytes));
                at += bytes;
            }
            while (!ends.isEmpty()) {
                ends.remove().run();
            }
        } catch (RuntimeException | Error e) {
            slots.forEach(slot -> settle(slot, e));
            throw e;
        }
    }

    /** Memory must not be used again, or freed, while the GPU still copies. */
    private static void settle(CudaSlot slot, Throwable failure) {
        try {
            slot.stream().synchronize();
        } catch (CudaException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        owned.close();
    }
}
