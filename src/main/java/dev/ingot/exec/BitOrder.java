// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Turns bytes of bits around: kernels count from the lowest bit of a byte, files from the highest. */
final class BitOrder {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    private BitOrder() {}

    /** Reverses the order of bits within each byte, in place. */
    static void reverse(MemorySegment bits) {
        long words = bits.byteSize() / Long.BYTES;
        for (long i = 0; i < words; i++) {
            bits.setAtIndex(WORD, i, Long.reverseBytes(Long.reverse(bits.getAtIndex(WORD, i))));
        }
        for (long i = words * Long.BYTES; i < bits.byteSize(); i++) {
            int value = bits.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            bits.set(ValueLayout.JAVA_BYTE, i, (byte) (Integer.reverse(value) >>> Integer.SIZE - Byte.SIZE));
        }
    }
}
