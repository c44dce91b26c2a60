// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.cuda.Owned;
import dev.ingot.ffi.gpu.ingot_gpu_keys_args;
import dev.ingot.kernel.Bracket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Keys of given ranks among candidates on the GPU, many at once: a histogram of upper bits, then one of lower bits. */
final class DeviceRanks implements AutoCloseable {
    private static final int LOW_BITS = 15;
    private static final int COARSE = 1 << 16;
    private static final int FINE = 1 << LOW_BITS;

    private final DeviceQueue queue;
    private final Owned owned = new Owned();
    private final Arena arena = Arena.ofShared();
    private final DeviceArrays.Twin coarse;
    private final DeviceArrays.Twin fine;
    private final MemorySegment args;

    /**
     * What is looked for.
     *
     * @param index      its place in the list of what is found
     * @param keys       candidates on the GPU
     * @param count      how many
     * @param rank       from 1
     * @param bracket    all candidates lie inside
     */
    record Search(int index, MemorySegment keys, long count, long rank, Bracket bracket) {}

    /**
     * The k-th largest key of a delta.
     *
     * @param key    the key
     * @param wanted how many of the elements with this key belong to the k largest
     * @param equal  how many elements have it
     */
    record Found(int key, long wanted, long equal) {}

    /** @param most searches that are made at once */
    DeviceRanks(DeviceQueue queue, int most) {
        this.queue = queue;
        long bytes = (long) most * (COARSE + FINE) * Long.BYTES;
        DeviceArrays arrays = owned.add(new DeviceArrays(bytes));
        coarse = arrays.take((long) most * COARSE * Long.BYTES);
        fine = arrays.take((long) most * FINE * Long.BYTES);
        args = ingot_gpu_keys_args.allocate(arena);
    }

    /** Puts what is found into its places of the list. */
    void resolve(List<Search> searches, List<Found> found) {
        if (searches.isEmpty()) {
            return;
        }
        int[] prefixes = new int[searches.size()];
        long[] ranks = new long[searches.size()];
        for (int i = 0; i < prefixes.length; i++) {
            // Only bins that the bracket touches can be filled, and only they are cleared and fetched.
            DeviceArrays.Twin bins = touched(i, searches.get(i).bracket());
            queue.stream().clear(bins.device());
            count(searches.get(i), coarse.device().asSlice((long) i * COARSE * Long.BYTES), -1);
            bins.download(queue.stream());
        }
        queue.stream().synchronize();
        for (int i = 0; i < prefixes.length; i++) {
            prefixes[i] = upper(searches.get(i).bracket().high());
            ranks[i] = searches.get(i).rank();
            while (ranks[i] > bin(coarse, COARSE, i, prefixes[i])) {
                ranks[i] -= bin(coarse, COARSE, i, prefixes[i]--);
            }
            DeviceArrays.Twin bins = fine.slice((long) i * FINE * Long.BYTES, (long) FINE * Long.BYTES);
            queue.stream().clear(bins.device());
            count(searches.get(i), bins.device(), prefixes[i]);
            bins.download(queue.stream());
        }
        queue.stream().synchronize();
        for (int i = 0; i < prefixes.length; i++) {
            int low = FINE - 1;
            while (ranks[i] > bin(fine, FINE, i, low)) {
                ranks[i] -= bin(fine, FINE, i, low--);
            }
            found.set(searches.get(i).index(),
                    new Found(prefixes[i] << LOW_BITS | low, ranks[i], bin(fine, FINE, i, low)));
        }
    }

    private DeviceArrays.Twin touched(int search, Bracket bracket) {
        long first = upper(Math.max(0, bracket.low()));
        long bins = upper(bracket.high()) - first + 1;
        return coarse.slice(((long) search * COARSE + first) * Long.BYTES, bins * Long.BYTES);
    }

    private static int upper(int key) {
        return key >>> LOW_BITS;
    }

    private void count(Search search, MemorySegment bins, int prefix) {
        ingot_gpu_keys_args.keys(args, search.keys());
        ingot_gpu_keys_args.result(args, bins);
        ingot_gpu_keys_args.count(args, search.count());
        ingot_gpu_keys_args.prefix(args, prefix);
        queue.launch(DeviceKernel.KEY_HISTOGRAM, DeviceKernel.KEY_HISTOGRAM.blocks(search.count()), 1, args);
    }

    private static long bin(DeviceArrays.Twin bins, int size, int search, int bin) {
        return bins.host().getAtIndex(ValueLayout.JAVA_LONG, (long) search * size + bin);
    }

    @Override
    public void close() {
        try {
            owned.close();
        } finally {
            arena.close();
        }
    }
}
