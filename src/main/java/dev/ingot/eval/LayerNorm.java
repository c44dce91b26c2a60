// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/**
 * Layer normalisation of a vector: J. L. Ba, J. R. Kiros and G. E. Hinton, arXiv:1607.06450, with the variance divided
 * by n. Immutable, safe for all threads.
 */
final class LayerNorm {
    private static final double EPSILON = 1e-5;

    private final float[] weight;
    private final float[] bias;

    private LayerNorm(float[] weight, float[] bias) {
        this.weight = weight;
        this.bias = bias;
    }

    /**
     * Reads {@code NAME.weight} and {@code NAME.bias}, both [width].
     *
     * @param prefix what comes before "weight" and "bias", its dot included
     * @throws dev.ingot.error.CheckpointException if one is missing or has another shape
     */
    static LayerNorm read(TensorSource source, String prefix, int width) {
        return new LayerNorm(source.floats(prefix + "weight", width), source.floats(prefix + "bias", width));
    }

    /** The normalised vectors of a batch; the batch itself stays as it is. */
    float[][] apply(float[][] batch) {
        float[][] result = new float[batch.length][];
        for (int i = 0; i < batch.length; i++) {
            result[i] = apply(batch[i]);
        }
        return result;
    }

    private float[] apply(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += value;
        }
        double mean = sum / x.length;
        double squares = 0;
        for (float value : x) {
            squares += (value - mean) * (value - mean);
        }
        double scale = 1 / Math.sqrt(squares / x.length + EPSILON);
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (float) ((x[i] - mean) * scale) * weight[i] + bias[i];
        }
        return y;
    }
}
