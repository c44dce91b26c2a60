// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * MT19937, whose outputs are one sequence: the generator that torch uses on CPUs, and numpy's legacy one. It goes forward
 * block by block and cannot skip any. Not thread-safe.
 *
 * <p>Source: Matsumoto, Nishimura, "Mersenne Twister: A 623-Dimensionally Equidistributed Uniform Pseudo-Random Number
 * Generator", ACM TOMACS 8(1), 1998; initialization by one number as their version of 2002 does it.
 */
public final class MersenneTwister {
    /** Outputs that a state gives before the next one is made of it. */
    public static final int BLOCK = 624;

    /** Memory of one generator. */
    public static final int BYTES = BLOCK * Integer.BYTES + 64;

    private static final int MIDDLE = 397;
    private static final int MATRIX = 0x9908b0df;
    private static final int UPPER = 0x80000000;
    private static final int MULTIPLIER = 1812433253;

    private int[] state = new int[BLOCK];
    private int[] spare;
    private long block;

    private MersenneTwister() {}

    /** The generator before its first block, whose number is -1. */
    public static MersenneTwister seeded(int seed) {
        MersenneTwister twister = new MersenneTwister();
        int[] state = twister.state;
        state[0] = seed;
        for (int i = 1; i < BLOCK; i++) {
            state[i] = MULTIPLIER * (state[i - 1] ^ state[i - 1] >>> 30) + i;
        }
        twister.block = -1;
        return twister;
    }

    /** A generator at the same block. */
    public MersenneTwister copy() {
        MersenneTwister copy = new MersenneTwister();
        copy.state = state.clone();
        copy.block = block;
        return copy;
    }

    /** Number of the block it stands at, whose first output has the number {@code block * BLOCK}. */
    public long block() {
        return block;
    }

    /** Goes forward to a block. */
    public void advance(long to) {
        if (to < block) {
            throw new IllegalArgumentException("a generator cannot go back from block " + block + " to " + to);
        }
        while (block < to) {
            twist();
        }
    }

    /** Output {@code index} of this block, 32 bits. */
    public int word(int index) {
        return temper(state[index]);
    }

    /**
     * Writes outputs as float32 numbers in [0, 1), as torch makes them: the low 24 bits, divided by 2^24. Ends at the block
     * of the last one.
     *
     * @param first number of the first output, not in front of this block
     * @param to    room for so many numbers
     */
    public void uniforms(long first, long count, MemorySegment to) {
        float[] values = new float[BLOCK];
        for (long done = 0; done < count; ) {
            advance((first + done) / BLOCK);
            int from = (int) ((first + done) % BLOCK);
            int n = (int) Math.min(BLOCK - from, count - done);
            for (int i = 0; i < n; i++) {
                values[i] = (temper(state[from + i]) & 0xffffff) * 0x1p-24f;
            }
            MemorySegment.copy(values, 0, to, ValueLayout.JAVA_FLOAT, done * Float.BYTES, n);
            done += n;
        }
    }

    /** The next state, in other memory than this one so that loops can be vectorized. */
    private void twist() {
        int[] old = state;
        int[] made = spare == null ? new int[BLOCK] : spare;
        for (int i = 0; i < BLOCK - MIDDLE; i++) {
            made[i] = old[i + MIDDLE] ^ twisted(old[i], old[i + 1]);
        }
        for (int i = BLOCK - MIDDLE; i < BLOCK - 1; i++) {
            made[i] = made[i + MIDDLE - BLOCK] ^ twisted(old[i], old[i + 1]);
        }
        made[BLOCK - 1] = made[MIDDLE - 1] ^ twisted(old[BLOCK - 1], made[0]);
        spare = old;
        state = made;
        block++;
    }

    private static int twisted(int upper, int lower) {
        int y = upper & UPPER | lower & ~UPPER;
        return y >>> 1 ^ -(y & 1) & MATRIX;
    }

    private static int temper(int word) {
        int y = word ^ word >>> 11;
        y ^= y << 7 & 0x9d2c5680;
        y ^= y << 15 & 0xefc60000;
        return y ^ y >>> 18;
    }
}
