// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;

/**
 * What {@code config.json} says about a Llama.
 *
 * @param vocabulary   number of tokens
 * @param width        length of the vectors between layers
 * @param hidden       length of the vectors within the feed-forward part
 * @param layers       number of layers
 * @param heads        number of query heads, a multiple of keyHeads
 * @param keyHeads     number of heads of keys and values
 * @param headSize     length of a head's vectors, even
 * @param ropeTheta    base of the rotary frequencies
 * @param normEpsilon  what is added to mean squares
 */
record LlamaShape(int vocabulary, int width, int hidden, int layers, int heads, int keyHeads, int headSize,
        double ropeTheta, double normEpsilon) {
    private static final String HINT = "Only plain Llama models can be evaluated: see docs/quality.md.";
    private static final long LARGEST = 1 << 20;

    /**
     * Reads the shape.
     *
     * @throws CheckpointException if a key is missing or the model is not a plain Llama
     */
    static LlamaShape of(ModelConfig config) {
        require(config, config.modelType().filter("llama"::equals).isPresent(), "model_type is not llama");
        require(config, config.string("hidden_act").orElse("silu").equals("silu"), "hidden_act is not silu");
        for (String key : new String[] {"rope_scaling.rope_type", "rope_scaling.type", "rope_parameters.rope_type"}) {
            require(config, config.string(key).orElse("default").equals("default"), key + " is not default");
        }
        for (String key : new String[] {"attention_bias", "mlp_bias"}) {
            require(config, !config.bool(key).orElse(false), key + " is set");
        }
        int width = size(config, "hidden_size");
        int heads = size(config, "num_attention_heads");
        int keyHeads = config.contains("num_key_value_heads") ? size(config, "num_key_value_heads") : heads;
        int headSize = config.contains("head_dim") ? size(config, "head_dim") : width / heads;
        require(config, heads % keyHeads == 0, heads + " heads cannot share " + keyHeads + " heads of keys");
        require(config, headSize > 0 && headSize % 2 == 0, "a head's size must be even, not " + headSize);
        double theta = config.number("rope_parameters.rope_theta").or(() -> config.number("rope_theta")).orElse(1e4);
        return new LlamaShape(size(config, "vocab_size"), width, size(config, "intermediate_size"),
                size(config, "num_hidden_layers"), heads, keyHeads, headSize, theta,
                config.number("rms_norm_eps").orElse(1e-6));
    }

    private static int size(ModelConfig config, String key) {
        long value = config.integer(key).orElse(0L);
        require(config, value > 0 && value <= LARGEST, key + " is " + value);
        return (int) value;
    }

    private static void require(ModelConfig config, boolean condition, String what) {
        if (!condition) {
            throw new CheckpointException(Printable.path(config.file()) + ": " + what, HINT);
        }
    }
}
