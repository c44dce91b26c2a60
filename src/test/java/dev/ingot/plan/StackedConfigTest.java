// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.ArchFixture.layers;
import static dev.ingot.plan.ArchFixture.names;
import static dev.ingot.plan.PlanFixture.inputs;
import static dev.ingot.plan.PlanFixture.parameter;
import static dev.ingot.plan.PlanFixture.tensors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What config.json says of single layers follows them, and names in several spellings are found. */
class StackedConfigTest {
    private static final String LLAMA = "'architectures': ['LlamaForCausalLM'], 'num_hidden_layers': 4";

    @TempDir
    private Path directory;

    private ArchFixture models;

    @BeforeEach
    void open() {
        models = new ArchFixture(directory);
    }

    private void decoder(String name, String config, String... more) throws IOException {
        models.model(name, "{" + config + "}", names(
                List.of("model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"),
                layers("model.layers", 4, "self_attn.q_proj.weight", "mlp.up_proj.weight"), List.of(more)));
    }

    private Plan stack(String... slices) {
        StringBuilder yaml = new StringBuilder("merge_method: passthrough\nslices:\n");
        for (String slice : slices) {
            String[] words = slice.split(" ");
            yaml.append("- sources: [{model: ").append(words[0]).append(", layer_range: ").append(words[1]).append("}]\n");
        }
        return models.plan(yaml.toString());
    }

    @Test
    void listsOfLayersAreCutAndJoined() throws IOException {
        decoder("a", "'model_type': 'qwen2_moe', 'num_hidden_layers': 4, 'layer_types': ['w', 'x', 'y', 'z'],"
                + " 'no_rope_layers': [1, 1, 1, 0], 'mlp_only_layers': [0, 3], 'eos_token_id': [1, 2, 3, 4]");
        decoder("b", "'model_type': 'qwen2_moe', 'num_hidden_layers': 4, 'layer_types': ['W', 'X', 'Y', 'Z'],"
                + " 'no_rope_layers': [0, 0, 0, 1], 'mlp_only_layers': [1]");
        assertThat(stack("a [0,2]", "b [1,4]", "a [3,4]").configChanges()).isEqualTo(Map.of(
                "num_hidden_layers", 6,
                "layer_types", List.of("w", "x", "X", "Y", "Z", "z"),
                "no_rope_layers", List.of(1L, 1L, 0L, 0L, 1L, 0L),
                "mlp_only_layers", List.of(0, 2, 5)));
    }

    /** Where types follow from numbers, they are listed once the numbers no longer tell them. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "'model_type': 'gemma2' | [1,4] | full_attention sliding_attention full_attention",
        "'model_type': 'gemma2' | [0,2] | ",
        "'model_type': 'gemma3_text', 'sliding_window_pattern': 3 | [2,4] | full_attention sliding_attention",
        "'model_type': 'qwen3_next' | [2,4] | linear_attention full_attention",
        "'model_type': 'llama' | [1,4] | "
    })
    void typesByRule(String config, String range, String types) throws IOException {
        decoder("a", config + ", 'num_hidden_layers': 4");
        Object expected = types == null ? null : List.of(types.split(" "));
        assertThat(stack("a " + range).configChanges().get("layer_types")).isEqualTo(expected);
    }

    @Test
    void leadingLayersAreCounted() throws IOException {
        decoder("a", "'model_type': 'deepseek_v3', 'num_hidden_layers': 3, 'first_k_dense_replace': 1,"
                + " 'num_nextn_predict_layers': 1");
        Plan plan = stack("a [0,2]", "a [1,3]");
        assertThat(plan.configChanges()).containsEntry("first_k_dense_replace", 1).containsEntry("num_nextn_predict_layers", 0);
        assertThat(plan.warnings()).anyMatch(line -> line.contains("multi-token prediction"));
        assertThat(stack("a [1,3]").configChanges()).containsEntry("first_k_dense_replace", 0);
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> stack("a [1,3]", "a [0,2]"))
                .withMessageContaining("layer 2 of the stack is one of the first_k_dense_replace first layers");
    }

    /** The layer behind the last one does not move the others. */
    @Test
    void depthIsThatOfConfigJson() throws IOException {
        decoder("a", "'model_type': 'deepseek_v3', 'num_hidden_layers': 3");
        decoder("b", "'model_type': 'deepseek_v3', 'num_hidden_layers': 3");
        Plan plan = models.plan("merge_method: linear\nmodels: [{model: a, parameters: {weight: [0, 2]}},"
                + " {model: b, parameters: {weight: 1}}]\n");
        for (int layer = 0; layer < 4; layer++) {
            assertThat(parameter(plan, "model.layers." + layer + ".mlp.up_proj.weight", 0, "weight"))
                    .isEqualTo(Math.min(layer, 2));
        }
    }

    @Test
    void expertsMoveWithTheirLayer() throws IOException {
        models.model("moe", "{'model_type': 'mixtral', " + LLAMA + "}", names(
                List.of("model.embed_tokens.weight", "lm_head.weight"),
                layers("model.layers", 4, "block_sparse_moe.experts.0.w1.weight", "block_sparse_moe.experts.1.w1.weight")));
        Plan plan = stack("moe [2,4]");
        assertThat(inputs(plan, "model.layers.1.block_sparse_moe.experts.0.w1.weight"))
                .containsExactly("moe:model.layers.3.block_sparse_moe.experts.0.w1.weight");
        assertThat(plan.tensors()).hasSize(6);
    }

    @Test
    void otherSpellingsAreFound() throws IOException {
        String gpt2 = "{'model_type': 'gpt2', 'architectures': ['GPT2LMHeadModel'], 'n_layer': 2, 'num_hidden_layers': 2}";
        List<String> bare = names(List.of("wte.weight", "ln_f.bias"), layers("h", 2, "attn.bias", "attn.c_attn.weight"));
        models.model("bare", gpt2, bare);
        models.model("full", gpt2, bare.stream().map(name -> "transformer." + name).filter(n -> !n.endsWith("attn.bias")).toList());
        String yaml = "merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: bare}, {model: full}]\n";
        Plan plan = models.plan(yaml);
        assertThat(inputs(plan, "h.1.attn.c_attn.weight"))
                .containsExactly("bare:h.1.attn.c_attn.weight", "full:transformer.h.1.attn.c_attn.weight");
        // The causal mask is not learned: it is neither merged nor asked of others.
        assertThat(inputs(plan, "h.0.attn.bias")).containsExactly("bare:h.0.attn.bias");
        assertThat(tensors(plan).get("h.0.attn.bias").method()).isEmpty();
        assertThat(plan.warnings()).isEmpty();
        Plan other = models.plan(yaml.replace("bare", "x").replace("full", "bare").replace("model: x", "model: full"));
        assertThat(tensors(other)).containsKey("transformer.h.1.attn.c_attn.weight").hasSize(4);
        assertThat(other.warnings()).isEmpty();
        assertThat(stack("bare [0,1]").configChanges()).isEqualTo(Map.of("n_layer", 1, "num_hidden_layers", 1));
    }

    @Test
    void optionalTensorsMayBeMissing() throws IOException {
        String bias = "model.layers.0.self_attn.q_proj.bias";
        decoder("with", "'model_type': 'llama', " + LLAMA, bias);
        decoder("with2", "'model_type': 'llama', " + LLAMA, bias);
        decoder("without", "'model_type': 'llama', " + LLAMA);
        Plan plan = models.plan("merge_method: linear\nparameters: {weight: 1}\n"
                + "models: [{model: with}, {model: without}, {model: with2}]\n");
        assertThat(inputs(plan, bias)).containsExactly("with:" + bias, "with2:" + bias);
        Plan slerp = models.plan("merge_method: slerp\nbase_model: with\nparameters: {t: 0.5}\n"
                + "models: [{model: with}, {model: without}]\n");
        assertThat(inputs(slerp, bias)).containsExactly("with:" + bias);
        assertThat(tensors(slerp).get(bias).dtype()).isEqualTo(Dtype.F32);
        decoder("half", "'model_type': 'llama', " + LLAMA, "model.layers.1.extra.weight");
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> models.plan("merge_method: linear\nparameters: {weight: 1}\n"
                        + "models: [{model: half}, {model: with}]\n"))
                .withMessageContaining("model.layers.1.extra.weight");
    }

    /** A model type that says nothing about these names. */
    @Test
    void unknownArchitecturesAreInferred() throws IOException {
        for (String config : List.of("", "{'model_type': 'unheard_of', 'n_layers': 3}", "{'model_type': 'gpt2', 'n_layers': 3}")) {
            String name = "m" + config.length();
            models.model(name, config, names(List.of("net.embed.weight", "net.out.weight"), layers("net.cells", 3, "a", "b")));
            Plan plan = stack(name + " [0,2]", name + " [1,3]");
            assertThat(inputs(plan, "net.cells.3.b")).containsExactly(name + ":net.cells.2.b");
            assertThat(plan.configChanges()).isEqualTo(Map.of(config.isEmpty() ? "num_hidden_layers" : "n_layers", 4));
        }
    }
}
