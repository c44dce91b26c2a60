// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Puts bits of tiles, which start anywhere, into the bits of a whole tensor. */
public final class BitCopy {
    private BitCopy() {}

    /**
     * Copies bits 0 to count to start and following. Calls for different tiles of one mask may run at the same time.
     *
     * @param mask zero where nothing has been copied
     * @param lock the same for all calls with this mask
     */
    public static void copy(MemorySegment bits, MemorySegment mask, long start, long count, Object lock) {
        long bytes = Math.ceilDiv(count, Byte.SIZE);
        int shift = (int) (start & 7);
        boolean ownEnd = (count & 7) == 0 || (start + count) >> 3 == mask.byteSize();
        if (shift == 0 && ownEnd) {
            MemorySegment.copy(bits, 0, mask, start >> 3, bytes);
            return;
        }
        int last = (int) (count & 7);
        synchronized (lock) {
            for (long i = 0; i < bytes; i++) {
                int value = bits.get(ValueLayout.JAVA_BYTE, i) & 0xff;
                if (i == bytes - 1 && last != 0) {
                    value &= (1 << last) - 1;
                }
                or(mask, (start >> 3) + i, value << shift & 0xff);
                or(mask, (start >> 3) + i + 1, value << shift >> 8);
            }
        }
    }

    private static void or(MemorySegment mask, long at, int value) {
        if (value != 0) {
            mask.set(ValueLayout.JAVA_BYTE, at, (byte) (mask.get(ValueLayout.JAVA_BYTE, at) | value));
        }
    }

    /** Replaces bits start to start + count by bits 0 to count; the others stay as they are. */
    static void replace(MemorySegment bits, MemorySegment mask, long start, long count) {
        if ((start & 7) == 0) {
            MemorySegment.copy(bits, 0, mask, start >> 3, count >> 3);
        }
        for (long i = (start & 7) == 0 ? count & ~7L : 0; i < count; i++) {
            boolean set = (bits.get(ValueLayout.JAVA_BYTE, i >> 3) >> (i & 7) & 1) != 0;
            long at = start + i >> 3;
            int bit = 1 << (start + i & 7);
            int old = mask.get(ValueLayout.JAVA_BYTE, at);
            mask.set(ValueLayout.JAVA_BYTE, at, (byte) (set ? old | bit : old & ~bit));
        }
    }
}
