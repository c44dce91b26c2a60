// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32C;

/**
 * Checksums of tiles that add up, in any order, to a tensor's: CRC-32C of the bytes, joined with their place and mixed
 * (the finalizer of SplitMix64, Steele, Lea and Flood, OOPSLA 2014).
 */
final class TileChecksum {
    private TileChecksum() {}

    static long of(long offset, MemorySegment data, Lane lane) {
        CRC32C crc = lane.checksum();
        crc.update(data.asByteBuffer());
        return mix(mix(offset) ^ crc.getValue());
    }

    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
