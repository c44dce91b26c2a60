// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The widths of a Llama model, as model cards and config files give them.
 *
 * @param rope the factor of the llama3 scaling of rotary positions
 * @param tied whether the output layer is the embedding, and so has no tensor of its own
 */
record Shape(String name, int hidden, int inter, int layers, int heads, int kvHeads, int headDim, int vocab,
             boolean tied, int rope) {

    /** One tensor: its name and a shape of one or two dimensions. */
    record Tensor(String name, int... shape) {
        long elements() {
            return Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact);
        }
    }

    private static final List<Shape> ALL = List.of(
            new Shape("tiny", 64, 176, 2, 4, 2, 16, 320, true, 32),
            new Shape("llama-3.2-1b", 2048, 8192, 16, 32, 8, 64, 128256, true, 32),
            new Shape("llama-3.2-3b", 3072, 8192, 28, 24, 8, 128, 128256, true, 32),
            new Shape("llama-3.1-8b", 4096, 14336, 32, 32, 8, 128, 128256, false, 8),
            new Shape("llama-3.1-70b", 8192, 28672, 80, 64, 8, 128, 128256, false, 8));

    /** The shape of that name; an {@link IllegalArgumentException} lists the names where there is none. */
    static Shape named(String name) {
        return ALL.stream().filter(shape -> shape.name().equals(name)).findFirst().orElseThrow(() ->
                new IllegalArgumentException("no shape " + name + "; there are "
                        + ALL.stream().map(Shape::name).collect(Collectors.joining(", "))));
    }

    /** The tensors in the order of the network, which is the order in which they are dealt to shards. */
    List<Tensor> tensors() {
        var list = new ArrayList<Tensor>();
        list.add(new Tensor("model.embed_tokens.weight", vocab, hidden));
        for (int i = 0; i < layers; i++) {
            String layer = "model.layers." + i + ".";
            list.add(new Tensor(layer + "input_layernorm.weight", hidden));
            list.add(new Tensor(layer + "self_attn.q_proj.weight", heads * headDim, hidden));
            list.add(new Tensor(layer + "self_attn.k_proj.weight", kvHeads * headDim, hidden));
            list.add(new Tensor(layer + "self_attn.v_proj.weight", kvHeads * headDim, hidden));
            list.add(new Tensor(layer + "self_attn.o_proj.weight", hidden, heads * headDim));
            list.add(new Tensor(layer + "post_attention_layernorm.weight", hidden));
            list.add(new Tensor(layer + "mlp.gate_proj.weight", inter, hidden));
            list.add(new Tensor(layer + "mlp.up_proj.weight", inter, hidden));
            list.add(new Tensor(layer + "mlp.down_proj.weight", hidden, inter));
        }
        list.add(new Tensor("model.norm.weight", hidden));
        if (!tied) {
            list.add(new Tensor("lm_head.weight", vocab, hidden));
        }
        return list;
    }

    long parameters() {
        return tensors().stream().mapToLong(Tensor::elements).sum();
    }

    /** The same widths with as many layers (or, below one layer, as many rows of vocabulary) as come nearest. */
    Shape nearest(long wanted) {
        long without = resized(0, vocab).parameters();
        long layer = resized(1, vocab).parameters() - without;
        long count = Math.round((double) (wanted - without) / layer);
        if (count >= 1) {
            return resized(Math.toIntExact(count), vocab);
        }
        long perRow = (long) hidden * (tied ? 1 : 2);
        long rows = (wanted - resized(1, 0).parameters()) / perRow / 64 * 64;
        if (rows < 64) {
            throw new IllegalArgumentException("--params " + wanted + " is below one layer of shape " + name);
        }
        return resized(1, Math.toIntExact(rows));
    }

    private Shape resized(int newLayers, int newVocab) {
        return new Shape(name, hidden, inter, newLayers, heads, kvHeads, headDim, newVocab, tied, rope);
    }

    /** The config.json that transformers and merge tools expect beside the weights. */
    String config(String dtype) {
        return """
                {
                  "architectures": ["LlamaForCausalLM"],
                  "attention_bias": false,
                  "attention_dropout": 0.0,
                  "bos_token_id": 1,
                  "eos_token_id": 2,
                  "head_dim": %d,
                  "hidden_act": "silu",
                  "hidden_size": %d,
                  "initializer_range": 0.02,
                  "intermediate_size": %d,
                  "max_position_embeddings": 131072,
                  "mlp_bias": false,
                  "model_type": "llama",
                  "num_attention_heads": %d,
                  "num_hidden_layers": %d,
                  "num_key_value_heads": %d,
                  "pretraining_tp": 1,
                  "rms_norm_eps": 1e-05,
                  "rope_scaling": {"factor": %d.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                    "original_max_position_embeddings": 8192, "rope_type": "llama3"},
                  "rope_theta": 500000.0,
                  "tie_word_embeddings": %b,
                  "torch_dtype": "%s",
                  "use_cache": true,
                  "vocab_size": %d
                }
                """.formatted(headDim, hidden, inter, heads, layers, kvHeads, rope, tied, dtype, vocab);
    }
}
