// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The residual MLP of {@code examples/vision-experts}. With x of [n, inputs]:
 *
 * <pre>{@code
 * h = embed(x)                                    Linear
 * h = h + fc2(gelu(fc1(layernorm(h))))            for each block
 * features = layernorm(h)                         [n, width]
 * }</pre>
 *
 * Sizes are those of the tensors, so that any width and number of blocks will do. Immutable, safe for all threads.
 */
public final class MlpModel {
    private record Block(LayerNorm norm, LinearLayer up, LinearLayer down) {}

    private final LinearLayer embed;
    private final List<Block> blocks;
    private final LayerNorm norm;

    private MlpModel(LinearLayer embed, List<Block> blocks, LayerNorm norm) {
        this.embed = embed;
        this.blocks = List.copyOf(blocks);
        this.norm = norm;
    }

    /**
     * Reads a model of type F32, F16 or BF16 and widens it to F32.
     *
     * @param location a model folder or a safetensors file
     * @throws dev.ingot.error.CheckpointException if it cannot be read or is no such model; names file and tensor
     */
    public static MlpModel load(Path location) {
        try (TensorSource source = TensorSource.open(location)) {
            int[] embedShape = source.matrixShape("embed.weight");
            int width = embedShape[0];
            List<Block> blocks = new ArrayList<>();
            while (source.contains("blocks." + blocks.size() + ".ln.weight")) {
                String prefix = "blocks." + blocks.size() + ".";
                int hidden = source.matrixShape(prefix + "fc1.weight")[0];
                blocks.add(new Block(LayerNorm.read(source, prefix + "ln.", width),
                        LinearLayer.read(source, prefix + "fc1.", hidden, width),
                        LinearLayer.read(source, prefix + "fc2.", width, hidden)));
            }
            return new MlpModel(LinearLayer.read(source, "embed.", width, embedShape[1]), blocks,
                    LayerNorm.read(source, "norm.", width));
        }
    }

    /** Length of an input vector. */
    public int inputs() {
        return embed.inputs();
    }

    /** Length of a feature vector. */
    public int width() {
        return embed.outputs();
    }

    /**
     * The features of a batch. Some tens of vectors at once make the best use of the caches.
     *
     * @param batch vectors of length {@link #inputs()}; not changed
     * @return as many vectors of length {@link #width()}
     */
    public float[][] features(float[][] batch) {
        float[][] h = embed.apply(batch);
        for (Block block : blocks) {
            float[][] hidden = block.up().apply(block.norm().apply(h));
            for (float[] row : hidden) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = Erf.gelu(row[i]);
                }
            }
            float[][] update = block.down().apply(hidden);
            for (int n = 0; n < h.length; n++) {
                for (int i = 0; i < h[n].length; i++) {
                    h[n][i] += update[n][i];
                }
            }
        }
        return norm.apply(h);
    }
}
