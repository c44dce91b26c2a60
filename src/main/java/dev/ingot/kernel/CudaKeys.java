// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.gpu.IngotGpu;
import dev.ingot.ffi.gpu.ingot_gpu_keys_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalLong;

/** Work on keys that were collected. What does not fit into the ring is answered with empty. */
final class CudaKeys {
    /** Low bits of a key that the first histogram leaves open. */
    private static final int LOW_BITS = 15;

    private final CudaRing ring;
    private final MemorySegment arguments;

    CudaKeys(CudaRing ring, Arena arena) {
        this.ring = ring;
        arguments = ingot_gpu_keys_args.allocate(arena);
    }

    /** A histogram of the upper bits finds the bin that holds the rank, one of the lower bits in that bin the key. */
    Optional<KthLargest> kthLargest(MemorySegment keys, long count, long rank) {
        long[] upper = new long[Arguments.COARSE_BINS];
        long[] lower = new long[Arguments.FINE_BINS];
        if (!histogram(keys, count, -1, upper)) {
            return Optional.empty();
        }
        long larger = 0;
        int prefix = upper.length - 1;
        while (larger + upper[prefix] < rank) {
            larger += upper[prefix--];
        }
        histogram(keys, count, prefix, lower);
        int low = lower.length - 1;
        while (larger + lower[low] < rank) {
            larger += lower[low--];
        }
        return Optional.of(new KthLargest(prefix << LOW_BITS | low, larger));
    }

    private boolean histogram(MemorySegment keys, long count, int prefix, long[] totals) {
        int step = IngotGpu.INGOT_GPU_KEY_HISTOGRAM_ELEMENTS();
        CudaCut cut = CudaCut.of(step, Integer.BYTES, 2, totals.length * (long) Long.BYTES);
        return ring.run(cut, 0, count, (slot, first, n) -> {
            upload(slot, keys, first, n);
            ingot_gpu_keys_args.result(arguments, cleared(slot, totals));
            ingot_gpu_keys_args.prefix(arguments, prefix);
            slot.launch(CudaFunction.KEY_HISTOGRAM, CudaFunction.KEY_HISTOGRAM.blocks(n), 1, arguments);
            slot.download();
        });
    }

    OptionalLong countEqual(MemorySegment keys, long count, int key) {
        long[] equal = new long[1];
        int step = IngotGpu.INGOT_GPU_COUNT_EQUAL_ELEMENTS();
        boolean done = ring.run(CudaCut.of(step, Integer.BYTES, 2, Long.BYTES), 0, count, (slot, first, n) -> {
            upload(slot, keys, first, n);
            ingot_gpu_keys_args.result(arguments, cleared(slot, equal));
            ingot_gpu_keys_args.key(arguments, key);
            slot.launch(CudaFunction.COUNT_EQUAL, CudaFunction.COUNT_EQUAL.blocks(n), 1, arguments);
            slot.download();
        });
        return done ? OptionalLong.of(equal[0]) : OptionalLong.empty();
    }

    private void upload(CudaSlot slot, MemorySegment keys, long first, long count) {
        MemorySegment run = keys.asSlice(first * Integer.BYTES, count * Integer.BYTES);
        ingot_gpu_keys_args.keys(arguments, slot.put(run, run.byteSize()));
        ingot_gpu_keys_args.count(arguments, count);
        slot.upload();
    }

    /** Counters on the GPU, zero for now, that are added to the totals when the piece of work is finished. */
    static MemorySegment cleared(CudaSlot slot, long[] totals) {
        MemorySegment counters = slot.result(totals.length * (long) Long.BYTES, region -> {
            for (int i = 0; i < totals.length; i++) {
                totals[i] += region.getAtIndex(ValueLayout.JAVA_LONG, i);
            }
        });
        slot.clear(counters);
        return counters;
    }
}
