// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/**
 * y = x W^T + b for a batch of vectors. Immutable, safe for all threads. The weights are kept transposed, one array per
 * input, as {@link MatrixProduct} takes them.
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
        return new LinearLayer(columns(source, prefix + "weight", outputs, inputs),
                source.floats(prefix + "bias", outputs));
    }

    /**
     * Reads a weight [outputs, inputs] that has no bias beside it.
     *
     * @param name the tensor's whole name
     * @throws dev.ingot.error.CheckpointException if it is missing or has another shape
     */
    static LinearLayer readUnbiased(TensorSource source, String name, int outputs, int inputs) {
        return new LinearLayer(columns(source, name, outputs, inputs), new float[outputs]);
    }

    private static float[][] columns(TensorSource source, String name, int outputs, int inputs) {
        float[] weight = source.floats(name, outputs, inputs);
        float[][] columns = new float[inputs][outputs];
        for (int out = 0; out < outputs; out++) {
            for (int in = 0; in < inputs; in++) {
                columns[in][out] = weight[out * inputs + in];
            }
        }
        return columns;
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
        MatrixProduct.add(result, batch, columns);
        return result;
    }
}
