// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Numbers that a {@link Formula} looks up by row, column or element of the whole tensor. Immutable once a formula uses it.
 *
 * @param data float32 entries, or one bit per element, lowest bit first; native memory
 */
public record Table(MemorySegment data) {
    /** A table of float32 entries; its memory is freed by the garbage collector. */
    public static Table of(float... entries) {
        MemorySegment data = Arena.ofAuto().allocate(Math.max(1, (long) entries.length * Float.BYTES), Float.BYTES);
        MemorySegment.copy(MemorySegment.ofArray(entries), 0, data, 0, (long) entries.length * Float.BYTES);
        return new Table(data);
    }

    /** Bytes of a table with one bit for each element. */
    public static long bitBytes(long elements) {
        return Math.ceilDiv(elements, Byte.SIZE);
    }

    /** The bits from that of element {@code start} on, as whole bytes; the lowest is that of the multiple of 8 before it. */
    MemorySegment bytesOf(long start, long count) {
        long first = start >> 3;
        return data.asSlice(first, bitBytes(start + count) - first);
    }

    float entry(long index) {
        return data.get(Blocks.FLOAT, index * Float.BYTES);
    }

    boolean bit(long index) {
        return (data.get(Blocks.BYTE, index >> 3) >> (index & 7) & 1) != 0;
    }
}
