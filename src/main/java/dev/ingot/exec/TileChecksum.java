// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * Checksums of pieces of a file that add up, in any order and however they are cut at multiples of {@link #GRAIN}, to that of
 * the whole: for each grain the CRC-32C of its bytes, joined with its place and mixed (the finalizer of SplitMix64, Steele,
 * Lea and Flood, OOPSLA 2014).
 */
final class TileChecksum {
    /** The smallest piece in which output is computed: the fewest elements of a tile, of the smallest type. */
    static final long GRAIN = Kernels.CHUNK;

    private TileChecksum() {}

    /** @param offset place in the file */
    static long of(long offset, MemorySegment data, Lane lane) {
        long sum = 0;
        for (long at = 0; at < data.byteSize(); ) {
            long place = offset + at;
            long bytes = Math.min(data.byteSize() - at, GRAIN - place % GRAIN);
            CRC32C crc = lane.checksum();
            crc.update(data.asSlice(at, bytes).asByteBuffer());
            sum += mix(mix(place) ^ crc.getValue());
            at += bytes;
        }
        return sum;
    }

    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
