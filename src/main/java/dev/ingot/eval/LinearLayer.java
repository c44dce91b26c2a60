// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/**
 * y = x W^T + b for a batch of vectors. Immutable, safe for all threads.
 *
 * <p>The weights are kept transposed, one array per input. The inner loop then runs over independent outputs, which the
 * JIT compiler turns into vector instructions; a sum over inputs it must not reorder. Four inputs at a time save three
 * of four loads and stores of the output, and all vectors of a batch use these four rows while they are in cache.
 */
final class LinearLayer {
    private final float[][] columns;
    private final float[] bias;

    private LinearLayer(float[][] columns, float[] bias) {
        this.columns = columns;
        this.bias = bias;
    }

    /**
     * Reads {@code NAME.weight} [outputs, inputs] and {@code NAME.bias} [outputs].
     *
     * @param prefix what comes before "weight" and "bias", its dot included
     * @throws dev.ingot.error.CheckpointException if one is missing or has another shape
     */
    static LinearLayer read(TensorSource source, String prefix, int outputs, int inputs) {
        float[] weight = source.floats(prefix + "weight", outputs, inputs);
        float[][] columns = new float[inputs][outputs];
        for (int out = 0; out < outputs; out++) {
            for (int in = 0; in < inputs; in++) {
                columns[in][out] = weight[out * inputs + in];
            }
        }
        return new LinearLayer(columns, source.floats(prefix + "bias", outputs));
    }

    int inputs() {
        return columns.length;
    }

    int outputs() {
        return bias.length;
    }

    /** The outputs for each vector of the batch. */
    float[][] apply(float[][] batch) {
        float[][] result = new float[batch.length][];
        for (int i = 0; i < batch.length; i++) {
            result[i] = bias.clone();
        }
        int fours = columns.length & ~3;
        for (int in = 0; in < fours; in += 4) {
            for (int i = 0; i < batch.length; i++) {
                addFour(result[i], batch[i], in);
            }
        }
        for (int in = fours; in < columns.length; in++) {
            for (int i = 0; i < batch.length; i++) {
                addOne(result[i], columns[in], batch[i][in]);
            }
        }
        return result;
    }

    private void addFour(float[] y, float[] x, int in) {
        addFour(y, columns[in], columns[in + 1], columns[in + 2], columns[in + 3], x[in], x[in + 1], x[in + 2],
                x[in + 3]);
    }

    private static void addFour(float[] y, float[] w0, float[] w1, float[] w2, float[] w3, float x0, float x1,
            float x2, float x3) {
        for (int out = 0; out < y.length; out++) {
            y[out] += (x0 * w0[out] + x1 * w1[out]) + (x2 * w2[out] + x3 * w3[out]);
        }
    }

    private static void addOne(float[] y, float[] w, float x) {
        for (int out = 0; out < y.length; out++) {
            y[out] += x * w[out];
        }
    }
}
