// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The outputs of MT19937. */
class MersenneTwisterTest {
    /** The first outputs of a seed. */
    private static long[] words(long seed, int count) {
        MersenneTwister twister = MersenneTwister.seeded((int) seed);
        return IntStream.range(0, count)
                .mapToLong(i -> {
                    twister.advance(i / MersenneTwister.BLOCK);
                    return Integer.toUnsignedLong(twister.word(i % MersenneTwister.BLOCK));
                })
                .toArray();
    }

    /** The outputs of the authors' default seed; the C++ standard (rand.predef) requires the 10000th of std::mt19937. */
    @Test
    void givesThePublishedNumbers() {
        long[] words = words(5489, 10_000);
        assertThat(words).startsWith(3499211612L, 581869302L, 3890346734L, 3586334585L, 545404204L);
        assertThat(words[9_999]).isEqualTo(4123659995L);
    }

    /** Outputs of numpy 2's RandomState. */
    @Test
    void givesTheNumbersOfNumpy() {
        long[] words = words(7, 700);
        assertThat(words).startsWith(327741615L, 976413892L, 3349725721L, 1369975286L);
        assertThat(words[623]).isEqualTo(3222554838L);
        assertThat(words[624]).isEqualTo(3732577367L);
        assertThat(words[699]).isEqualTo(2192812961L);
        assertThat(words(4294967295L, 2)).containsExactly(419326371L, 479346978L);
    }

    @Test
    void uniformsAreTheLowBits() {
        long[] words = words(7, 2_000);
        try (Arena arena = Arena.ofConfined()) {
            for (int first : new int[] {0, 1, 623, 624, 700}) {
                MersenneTwister twister = MersenneTwister.seeded(7);
                MemorySegment floats = arena.allocate(1_300 * Float.BYTES);
                twister.uniforms(first, 1_300, floats);
                for (int i = 0; i < 1_300; i++) {
                    float expected = (words[first + i] & 0xffffff) / 16777216f;
                    assertThat(floats.getAtIndex(ValueLayout.JAVA_FLOAT, i)).as(first + " + " + i).isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void copiesGoTheirOwnWay() {
        MersenneTwister twister = MersenneTwister.seeded(1);
        twister.advance(3);
        MersenneTwister copy = twister.copy();
        int word = twister.word(5);
        twister.advance(9);
        assertThat(copy.block()).isEqualTo(3);
        assertThat(copy.word(5)).isEqualTo(word);
        copy.advance(9);
        assertThat(copy.word(5)).isEqualTo(twister.word(5));
    }

    @Test
    void doesNotGoBack() {
        MersenneTwister twister = MersenneTwister.seeded(1);
        twister.advance(2);
        assertThatIllegalArgumentException().isThrownBy(() -> twister.advance(1));
    }
}
