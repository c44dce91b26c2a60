// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.ModelConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A Llama as Hugging Face stores it, in float arithmetic. With h of [n, width], n consecutive tokens:
 *
 * <pre>{@code
 * h = embedding of the tokens
 * h = h + attention(rmsnorm(h))                              for each layer
 * h = h + down(silu(gate(rmsnorm(h))) * up(rmsnorm(h)))
 * logits = rmsnorm(h) head^T                                 [n, vocabulary]
 * }</pre>
 *
 * The head is {@code lm_head.weight}, or the embedding where there is none. Immutable, safe for all threads.
 */
public final class LlamaModel {
    private record Layer(RmsNorm attentionNorm, CausalAttention attention, RmsNorm norm, LinearLayer gate,
            LinearLayer up, LinearLayer down) {}

    private final LlamaShape shape;
    private final float[] embedding;
    private final List<Layer> layers;
    private final RmsNorm norm;
    private final LinearLayer head;

    private LlamaModel(LlamaShape shape, float[] embedding, List<Layer> layers, RmsNorm norm, LinearLayer head) {
        this.shape = shape;
        this.embedding = embedding;
        this.layers = List.copyOf(layers);
        this.norm = norm;
        this.head = head;
    }

    /**
     * Reads a model of type F32, F16 or BF16 and widens it to F32.
     *
     * @param folder the model's folder, with its {@code config.json}
     * @throws dev.ingot.error.CheckpointException if it cannot be read or is no plain Llama; names file and tensor
     */
    public static LlamaModel load(Path folder) {
        LlamaShape shape = LlamaShape.of(ModelConfig.read(folder.resolve("config.json")));
        try (TensorSource source = TensorSource.open(folder)) {
            List<Layer> layers = new ArrayList<>();
            for (int i = 0; i < shape.layers(); i++) {
                layers.add(layer(source, "model.layers." + i + ".", shape));
            }
            String embedding = "model.embed_tokens.weight";
            String head = source.contains("lm_head.weight") ? "lm_head.weight" : embedding;
            return new LlamaModel(shape, source.floats(embedding, shape.vocabulary(), shape.width()), layers,
                    RmsNorm.read(source, "model.norm.weight", shape.width(), shape.normEpsilon()),
                    LinearLayer.readUnbiased(source, head, shape.vocabulary(), shape.width()));
        }
    }

    private static Layer layer(TensorSource source, String prefix, LlamaShape shape) {
        int width = shape.width();
        int hidden = shape.hidden();
        return new Layer(RmsNorm.read(source, prefix + "input_layernorm.weight", width, shape.normEpsilon()),
                CausalAttention.read(source, prefix + "self_attn.", shape),
                RmsNorm.read(source, prefix + "post_attention_layernorm.weight", width, shape.normEpsilon()),
                LinearLayer.readUnbiased(source, prefix + "mlp.gate_proj.weight", hidden, width),
                LinearLayer.readUnbiased(source, prefix + "mlp.up_proj.weight", hidden, width),
                LinearLayer.readUnbiased(source, prefix + "mlp.down_proj.weight", width, hidden));
    }

    /** Number of tokens that the model knows. */
    public int vocabulary() {
        return shape.vocabulary();
    }

    /**
     * The scores of every token to come next, after each token of a sequence.
     *
     * @param tokens a sequence from its beginning, each from 0 and below {@link #vocabulary()}
     * @return a vector of length {@link #vocabulary()} for each token
     */
    public float[][] logits(int[] tokens) {
        int width = shape.width();
        float[][] h = new float[tokens.length][width];
        for (int t = 0; t < tokens.length; t++) {
            System.arraycopy(embedding, tokens[t] * width, h[t], 0, width);
        }
        Rotary rotary = new Rotary(tokens.length, shape.headSize(), shape.ropeTheta());
        for (Layer layer : layers) {
            add(h, layer.attention().apply(layer.attentionNorm().apply(h), rotary));
            float[][] x = layer.norm().apply(h);
            float[][] hidden = layer.gate().apply(x);
            activate(hidden, layer.up().apply(x));
            add(h, layer.down().apply(hidden));
        }
        return head.apply(norm.apply(h));
    }

    private static void add(float[][] h, float[][] update) {
        for (int t = 0; t < h.length; t++) {
            for (int i = 0; i < h[t].length; i++) {
                h[t][i] += update[t][i];
            }
        }
    }

    /** gate = silu(gate) * up: N. Shazeer, arXiv:2002.05202. */
    private static void activate(float[][] gate, float[][] up) {
        for (int t = 0; t < gate.length; t++) {
            for (int i = 0; i < gate[t].length; i++) {
                gate[t][i] = FastExp.silu(gate[t][i]) * up[t][i];
            }
        }
    }
}
