// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/** Division of a vector by its root mean square: B. Zhang, R. Sennrich, arXiv:1910.07467. Immutable, thread-safe. */
final class RmsNorm {
    private final float[] weight;
    private final double epsilon;

    private RmsNorm(float[] weight, double epsilon) {
        this.weight = weight;
        this.epsilon = epsilon;
    }

    /**
     * Reads a weight [width].
     *
     * @param name    the tensor's whole name
     * @param epsilon what is added to the mean square
     * @throws dev.ingot.error.CheckpointException if it is missing or has another shape
     */
    static RmsNorm read(TensorSource source, String name, int width, double epsilon) {
        return new RmsNorm(source.floats(name, width), epsilon);
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
        double squares = 0;
        for (float value : x) {
            squares += (double) value * value;
        }
        float scale = (float) (1 / Math.sqrt(squares / x.length + epsilon));
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = x[i] * scale * weight[i];
        }
        return y;
    }
}
