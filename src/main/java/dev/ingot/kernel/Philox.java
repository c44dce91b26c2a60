// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/**
 * Philox-4x32-10, a counter-based random generator: four 32-bit words are a function of a 64-bit key and a 128-bit
 * counter, so that the random number of an element depends on its index only. Not thread-safe.
 *
 * <p>Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011, section 4.3.
 */
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int KEY_STEP_0 = 0x9E3779B9;
    private static final int KEY_STEP_1 = 0xBB67AE85;

    private final long key;
    private int word0;
    private int word1;
    private int word2;
    private int word3;

    /** @param key both key words, the low one first */
    public Philox(long key) {
        this.key = key;
    }

    /** Computes the block of a 64-bit counter: its low and high halves are words 0 and 1, words 2 and 3 are 0. */
    public void block(long counter) {
        block((int) counter, (int) (counter >>> 32), 0, 0);
    }

    /** Computes the block of a counter given as four words, the lowest first. */
    public void block(int counter0, int counter1, int counter2, int counter3) {
        int c0 = counter0;
        int c1 = counter1;
        int c2 = counter2;
        int c3 = counter3;
        int key0 = (int) key;
        int key1 = (int) (key >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * Integer.toUnsignedLong(c0);
            long product1 = MULTIPLIER_1 * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ key0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ key1;
            c3 = (int) product0;
            key0 += KEY_STEP_0;
            key1 += KEY_STEP_1;
        }
        word0 = c0;
        word1 = c1;
        word2 = c2;
        word3 = c3;
    }

    /** Word {@code index mod 4} of the block computed last. */
    public int word(long index) {
        return switch ((int) index & 3) {
            case 0 -> word0;
            case 1 -> word1;
            case 2 -> word2;
            default -> word3;
        };
    }
}
