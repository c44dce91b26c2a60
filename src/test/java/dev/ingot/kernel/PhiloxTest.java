// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Known answers of philox4x32-10 as published with Random123 (kat_vectors). */
class PhiloxTest {
    @Test
    void zeros() {
        Philox philox = new Philox(0);
        philox.block(0, 0, 0, 0);
        assertWords(philox, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    }

    @Test
    void ones() {
        Philox philox = new Philox(-1);
        philox.block(-1, -1, -1, -1);
        assertWords(philox, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    }

    @Test
    void digitsOfPi() {
        Philox philox = new Philox(0x299f31d0_a4093822L);
        philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344);
        assertWords(philox, 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
    }

    @Test
    void aCounterOf64BitsFillsTheLowerTwoWords() {
        Philox philox = new Philox(42);
        philox.block(0x1_00000002L);
        int[] words = {philox.word(0), philox.word(1), philox.word(2), philox.word(3)};
        philox.block(2, 1, 0, 0);
        assertWords(philox, words);
    }

    private static void assertWords(Philox philox, int... words) {
        for (int i = 0; i < 8; i++) {
            assertThat(philox.word(i)).as("word %d", i).isEqualTo(words[i % 4]);
        }
    }
}
