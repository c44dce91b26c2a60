// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/** Turns vectors by angles that grow with their positions (J. Su and others, arXiv:2104.09864). Immutable. */
final class Rotary {
    private final float[][] cosines;
    private final float[][] sines;

    /**
     * Angles position / theta^(2 i / size) for the pairs i of a vector's first and second half.
     *
     * @param positions how many positions there may be
     * @param size      length of the vectors, even
     */
    Rotary(int positions, int size, double theta) {
        cosines = new float[positions][size / 2];
        sines = new float[positions][size / 2];
        for (int i = 0; i < size / 2; i++) {
            // Frequencies and angles in float, as the models are trained with.
            float frequency = (float) StrictMath.pow(theta, -2.0 * i / size);
            for (int position = 0; position < positions; position++) {
                float angle = position * frequency;
                cosines[position][i] = (float) StrictMath.cos(angle);
                sines[position][i] = (float) StrictMath.sin(angle);
            }
        }
    }

    /** Turns vectors of positions 0, 1, ... in place. */
    void apply(float[][] x) {
        for (int position = 0; position < x.length; position++) {
            float[] vector = x[position];
            float[] cosine = cosines[position];
            float[] sine = sines[position];
            int half = cosine.length;
            for (int i = 0; i < half; i++) {
                float a = vector[i];
                float b = vector[half + i];
                vector[i] = a * cosine[i] - b * sine[i];
                vector[half + i] = b * cosine[i] + a * sine[i];
            }
        }
    }
}
