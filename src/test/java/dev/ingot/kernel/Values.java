// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.util.SplittableRandom;

/** What the elements of a generated operand look like. */
enum Values {
    /** Like weights: normal with deviation 0.05. */
    TYPICAL {
        @Override
        void put(Operand operand, int i, SplittableRandom random) {
            store(operand, i, (float) (random.nextGaussian() * 0.05));
        }
    },
    /** Few different values, both zeros among them: signs cancel, deltas are equal. */
    TIES {
        @Override
        void put(Operand operand, int i, SplittableRandom random) {
            int step = random.nextInt(-3, 4);
            store(operand, i, step == 0 && random.nextBoolean() ? -0f : step * 0.125f);
        }
    },
    /** NaN, infinities, zeros, subnormals, the largest values and what lies around the limits of the small types. */
    SPECIAL {
        @Override
        void put(Operand operand, int i, SplittableRandom random) {
            float value = EXTREMES[random.nextInt(EXTREMES.length)];
            store(operand, i, random.nextBoolean() ? -value : value);
        }
    },
    /** Any bits: every exponent, NaN with every payload. */
    PATTERNS {
        @Override
        void put(Operand operand, int i, SplittableRandom random) {
            switch (operand.dtype().bytes()) {
                case 1 -> operand.data().set(Blocks.BYTE, i, (byte) random.nextInt());
                case 2 -> operand.data().set(Blocks.SHORT, i * 2L, (short) random.nextInt());
                case 4 -> operand.data().set(Blocks.INT, i * 4L, random.nextInt());
                default -> operand.data().set(Blocks.LONG, i * 8L, random.nextLong());
            }
        }
    },
    /** At, just below or just above the middle between two numbers of a smaller type. */
    MIDPOINTS {
        @Override
        void put(Operand operand, int i, SplittableRandom random) {
            if (operand.dtype() == Dtype.F64) {
                long bits = Double.doubleToLongBits(Float.intBitsToFloat(random.nextInt()));
                long middle = bits & ~((1L << 29) - 1) | 1L << 28;
                operand.data().set(Blocks.LONG, i * 8L, middle + random.nextInt(-1, 2));
                return;
            }
            int dropped = new int[] {13, 16, 20, 21, 22}[random.nextInt(5)];
            int exponent = random.nextInt(127 - 26, 127 + 17) << 23 | random.nextInt() & 0x80000000;
            int bits = exponent | random.nextInt() & 0x7fffff & -1 << dropped | 1 << (dropped - 1);
            store(operand, i, Float.intBitsToFloat(bits + random.nextInt(-1, 2)));
        }
    };

    private static final float[] EXTREMES = {
        0f, Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE, Float.MIN_VALUE, Float.MIN_NORMAL, 0x1.fffffcp-127f,
        0x1p-149f, 0x1.8p-148f, 0x1p-133f, 0x1p-134f, 65504f, 65519.996f, 65520f, 65536f, 0x1p-24f, 0x1p-25f, 0x1.8p-25f,
        0x1p-14f, 0x1.ffcp-15f, 448f, 464f, 463.99997f, 480f, 57344f, 61440f, 61439.996f, 0x1p-6f, 0x1p-9f, 0x1p-10f,
        0x1p-16f, 0x1p-17f, 1f, 1.0000001f, 0.1f, 3f, 1e30f
    };

    abstract void put(Operand operand, int i, SplittableRandom random);

    private static void store(Operand operand, int i, float value) {
        Blocks.store(new float[] {value}, 1, operand, i);
    }
}
