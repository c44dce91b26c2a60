// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

/**
 * Attention of every position to itself and those before it, with rotary positions (J. Su and others,
 * arXiv:2104.09864; halves rotated against each other, as Hugging Face's Llama does) and heads of keys and values that
 * several query heads share (J. Ainslie and others, arXiv:2305.13245). Immutable, safe for all threads.
 *
 * <p>Everything is computed transposed, with positions along the rows of the arrays: they are longer than a head's
 * vectors are, which suits vector instructions.
 */
final class CausalAttention {
    private final LlamaShape shape;
    private final LinearLayer query;
    private final LinearLayer key;
    private final LinearLayer value;
    private final LinearLayer output;

    private CausalAttention(LlamaShape shape, LinearLayer query, LinearLayer key, LinearLayer value,
            LinearLayer output) {
        this.shape = shape;
        this.query = query;
        this.key = key;
        this.value = value;
        this.output = output;
    }

    /**
     * Reads the four projections {@code q_proj}, {@code k_proj}, {@code v_proj} and {@code o_proj}.
     *
     * @param prefix what comes before their names, its dot included
     * @throws dev.ingot.error.CheckpointException if one is missing or has another shape
     */
    static CausalAttention read(TensorSource source, String prefix, LlamaShape shape) {
        int queries = shape.heads() * shape.headSize();
        int keys = shape.keyHeads() * shape.headSize();
        return new CausalAttention(shape,
                LinearLayer.readUnbiased(source, prefix + "q_proj.weight", queries, shape.width()),
                LinearLayer.readUnbiased(source, prefix + "k_proj.weight", keys, shape.width()),
                LinearLayer.readUnbiased(source, prefix + "v_proj.weight", keys, shape.width()),
                LinearLayer.readUnbiased(source, prefix + "o_proj.weight", shape.width(), queries));
    }

    /**
     * The attention's outputs for vectors of consecutive positions, the first of which is position 0.
     *
     * @param rotary turns queries and keys by their positions
     */
    float[][] apply(float[][] x, Rotary rotary) {
        int size = shape.headSize();
        int shared = shape.heads() / shape.keyHeads();
        float[][] queries = query.apply(x);
        float[][] keys = key.apply(x);
        float[][] values = value.apply(x);
        float[][] mixed = new float[x.length][shape.heads() * size];
        for (int keyHead = 0; keyHead < shape.keyHeads(); keyHead++) {
            float[][] headKeys = rows(keys, keyHead * size, size);
            rotary.apply(headKeys);
            float[][] headValues = transpose(values, keyHead * size, size);
            for (int head = keyHead * shared; head < (keyHead + 1) * shared; head++) {
                float[][] headQueries = rows(queries, head * size, size);
                rotary.apply(headQueries);
                float[][] result = attend(transpose(headQueries, 0, size), headKeys, headValues);
                for (int t = 0; t < x.length; t++) {
                    for (int d = 0; d < size; d++) {
                        mixed[t][head * size + d] = result[d][t];
                    }
                }
            }
        }
        return output.apply(mixed);
    }

    /**
     * One head.
     *
     * @param queries [size, n]
     * @param keys    [n, size]
     * @param values  [size, n]
     * @return [size, n]
     */
    private float[][] attend(float[][] queries, float[][] keys, float[][] values) {
        int n = keys.length;
        float[][] weights = new float[n][n];
        MatrixProduct.add(weights, keys, queries);
        float[] sums = softmax(weights, (float) (1 / Math.sqrt(shape.headSize())));
        float[][] result = new float[values.length][n];
        MatrixProduct.add(result, values, weights);
        for (float[] row : result) {
            for (int t = 0; t < n; t++) {
                row[t] /= sums[t];
            }
        }
        return result;
    }

    /**
     * Turns scores [key, query] into weights that are still to be divided by the sums that are returned. Keys after the
     * query get none.
     */
    private static float[] softmax(float[][] scores, float scale) {
        int n = scores.length;
        float[] largest = scores[0].clone();
        for (int j = 1; j < n; j++) {
            float[] row = scores[j];
            for (int t = j; t < n; t++) {
                largest[t] = Math.max(largest[t], row[t]);
            }
        }
        float[] sums = new float[n];
        for (int j = 0; j < n; j++) {
            float[] row = scores[j];
            for (int t = 0; t < j; t++) {
                row[t] = 0;
            }
            for (int t = j; t < n; t++) {
                row[t] = FastExp.exp((row[t] - largest[t]) * scale);
                sums[t] += row[t];
            }
        }
        return sums;
    }

    private static float[][] rows(float[][] x, int from, int size) {
        float[][] rows = new float[x.length][size];
        for (int i = 0; i < x.length; i++) {
            System.arraycopy(x[i], from, rows[i], 0, size);
        }
        return rows;
    }

    private static float[][] transpose(float[][] x, int from, int size) {
        float[][] columns = new float[size][x.length];
        for (int i = 0; i < x.length; i++) {
            for (int d = 0; d < size; d++) {
                columns[d][i] = x[i][from + d];
            }
        }
        return columns;
    }
}
