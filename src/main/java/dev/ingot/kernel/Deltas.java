// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/** Deltas d = x - base (task vectors, arXiv 2212.04089), their keys and their masks: the definitions. */
final class Deltas {
    private Deltas() {}

    /** Turns a block of model values into deltas, in place. */
    static void subtract(float[] base, float[] model, int n) {
        for (int i = 0; i < n; i++) {
            model[i] -= base[i];
        }
    }

    /** The rank of a delta by magnitude: the bit pattern of |d|; every NaN has the one above infinity, 0x7fc00000. */
    static int key(float delta) {
        return Float.floatToIntBits(delta) & 0x7fffffff;
    }

    /**
     * Replaces the deltas that the mask drops by +0.
     *
     * @param start flat index of the block's first element
     */
    static void keep(Mask mask, float[] deltas, int n, long start) {
        switch (mask) {
            case Mask.None() -> {}
            case Mask.Magnitude(int threshold, long tieCut) -> {
                for (int i = 0; i < n; i++) {
                    int key = key(deltas[i]);
                    boolean kept = key > threshold || key == threshold && start + i < tieCut;
                    deltas[i] = kept ? deltas[i] : 0f;
                }
            }
            case Mask.Bits(Table table) -> {
                for (int i = 0; i < n; i++) {
                    deltas[i] = table.bit(start + i) ? deltas[i] : 0f;
                }
            }
            case Mask.Random(long key, int keepBelow) -> {
                Philox philox = new Philox(key);
                philox.block(start >> 2);
                for (int i = 0; i < n; i++) {
                    long index = start + i;
                    if ((index & 3) == 0) {
                        philox.block(index >> 2);
                    }
                    boolean kept = Integer.compareUnsigned(philox.word(index), keepBelow) < 0;
                    deltas[i] = kept ? deltas[i] : 0f;
                }
            }
        }
    }
}
