// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BitCopyTest {
    @Test
    void piecesMakeTheWhole() {
        SplittableRandom random = new SplittableRandom(3);
        for (int round = 0; round < 300; round++) {
            int elements = 1 + random.nextInt(200);
            BitSet expected = new BitSet();
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment mask = arena.allocate((elements + 7) / 8);
                for (int start = 0; start < elements; ) {
                    int count = Math.min(elements - start, 1 + random.nextInt(40));
                    MemorySegment bits = arena.allocate((count + 7) / 8);
                    for (int i = 0; i < bits.byteSize(); i++) {
                        bits.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
                    }
                    for (int i = 0; i < count; i++) {
                        expected.set(start + i, (bits.get(ValueLayout.JAVA_BYTE, i >> 3) >> (i & 7) & 1) != 0);
                    }
                    BitCopy.copy(bits, mask, start, count, mask);
                    start += count;
                }
                BitSet found = BitSet.valueOf(mask.toArray(ValueLayout.JAVA_BYTE));
                found.clear(elements, elements + 8);
                assertThat(found).isEqualTo(expected);
            }
        }
    }
}
