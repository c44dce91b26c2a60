// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.ArchFixture.layers;
import static dev.ingot.plan.ArchFixture.names;
import static dev.ingot.plan.PlanFixture.inputs;
import static dev.ingot.plan.PlanFixture.parameter;
import static dev.ingot.plan.PlanFixture.tensors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of several modules, each with layers of its own. */
class ModulesTest {
    private static final String BIAS = "layer.0.SelfAttention.relative_attention_bias.weight";
    private static final String Q = "layer.0.SelfAttention.q.weight";
    private static final String T5 = "{'model_type': 't5', 'architectures': ['T5ForConditionalGeneration'], 'num_layers': 3}";

    @TempDir
    private Path directory;

    private ArchFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new ArchFixture(directory);
        for (String name : List.of("a", "b")) {
            models.model(name, T5, names(
                    List.of("shared.weight", "encoder.final_layer_norm.weight", "decoder.final_layer_norm.weight",
                            "encoder.block.0." + BIAS, "decoder.block.0." + BIAS),
                    layers("encoder.block", 3, Q, "layer.1.DenseReluDense.wi.weight"),
                    layers("decoder.block", 3, Q, "layer.1.EncDecAttention.q.weight")));
        }
    }

    @Test
    void layersOfOneModuleAreStackedAndTheRestIsMerged() {
        Plan plan = models.plan("""
                merge_method: passthrough
                modules:
                  encoder:
                    slices:
                    - sources: [{model: b, layer_range: [1, 3]}]
                    - sources: [{model: a, layer_range: [0, 2]}]
                  decoder: {models: [{model: b}]}
                  shared: {models: [{model: a}]}
                """);
        assertThat(inputs(plan, "encoder.block.0." + Q)).containsExactly("b:encoder.block.1." + Q);
        assertThat(inputs(plan, "encoder.block.2." + Q)).containsExactly("a:encoder.block.0." + Q);
        assertThat(inputs(plan, "encoder.block.0." + BIAS)).containsExactly("b:encoder.block.0." + BIAS);
        assertThat(tensors(plan)).doesNotContainKeys("encoder.block.2." + BIAS, "encoder.block.4." + Q, "lm_head.weight");
        assertThat(inputs(plan, "encoder.final_layer_norm.weight")).containsExactly("a:encoder.final_layer_norm.weight");
        assertThat(inputs(plan, "decoder.block.2." + Q)).containsExactly("b:decoder.block.2." + Q);
        assertThat(inputs(plan, "shared.weight")).containsExactly("a:shared.weight");
        // Without its own key, the decoder would be as deep as the encoder now is.
        assertThat(plan.configChanges()).isEqualTo(Map.of("num_layers", 4, "num_decoder_layers", 3));
        assertThat(plan.warnings()).isEmpty();
    }

    @Test
    void modulesThatAreNotNamedAreCopied() {
        Plan plan = models.plan("merge_method: linear\nmodules:\n  decoder:\n    parameters: {weight: 3}\n"
                + "    models: [{model: a}, {model: b, parameters: {weight: [0, 2]}}]\n");
        assertThat(inputs(plan, "encoder.block.1." + Q)).containsExactly("a:encoder.block.1." + Q);
        assertThat(tensors(plan).get("shared.weight").method()).isEmpty();
        assertThat(inputs(plan, "decoder.block.1." + Q)).hasSize(2);
        assertThat(parameter(plan, "decoder.block.1." + Q, 0, "weight")).isEqualTo(3);
        assertThat(parameter(plan, "decoder.block.1." + Q, 1, "weight")).isEqualTo(1);
        assertThat(plan.warnings()).singleElement().asString().contains("copied from a: encoder, shared");
        assertThat(tensors(plan)).doesNotContainKey("lm_head.weight");
    }

    @Test
    void wrongModulesAreRefused() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> models.plan("merge_method: passthrough\nmodules:\n  vision: {models: [{model: a}]}\n"))
                .withMessageContaining("no module 'vision'")
                .withMessageContaining("test.yml:3")
                .satisfies(e -> assertThat(e.hint()).contains("encoder, decoder, shared"));
        String slices = "slices: [{sources: [{model: a, layer_range: [0, 1]}]}]";
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> models.plan("merge_method: passthrough\nmodules:\n  shared: {" + slices + "}\n"))
                .withMessageContaining("module 'shared' has no layers");
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> models.plan("merge_method: passthrough\n" + slices + "\n"))
                .withMessageContaining("several stacks")
                .satisfies(e -> assertThat(e.hint()).contains("modules"));
    }

    /** A text decoder with a nested configuration beside a vision tower, in two spellings. */
    @Test
    void partsOfAVisionModelAreModules() throws IOException {
        String config = "{'model_type': 'gemma3', 'architectures': ['Gemma3ForConditionalGeneration'],"
                + " 'text_config': {'model_type': 'gemma3_text', 'num_hidden_layers': 4, 'sliding_window_pattern': 2},"
                + " 'vision_config': {'num_hidden_layers': 2}}";
        for (String name : List.of("old", "new")) {
            String text = name.equals("old") ? "language_model.model" : "model.language_model";
            String tower = name.equals("old") ? "vision_tower.vision_model" : "model.vision_tower";
            models.model(name, config, names(
                    List.of(text + ".embed_tokens.weight", text + ".norm.weight", tower + ".post_layernorm.weight"),
                    layers(text + ".layers", 4, "a", "b", "c"),
                    layers(tower + ".encoder.layers", 2, "a", "b", "c")));
        }
        Plan plan = models.plan("""
                merge_method: passthrough
                modules:
                  text_decoder:
                    slices:
                    - sources: [{model: old, layer_range: [0, 1]}]
                    - sources: [{model: old, layer_range: [2, 4]}]
                  vision_tower: {models: [{model: new}]}
                """);
        assertThat(plan.configChanges()).isEqualTo(Map.of(
                "text_config.num_hidden_layers", 3,
                "text_config.layer_types", List.of("sliding_attention", "sliding_attention", "full_attention")));
        assertThat(inputs(plan, "language_model.model.layers.2.b")).containsExactly("old:language_model.model.layers.3.b");
        Plan linear = models.plan("merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: old}, {model: new}]\n");
        assertThat(inputs(linear, "vision_tower.vision_model.encoder.layers.1.c")).containsExactly(
                "old:vision_tower.vision_model.encoder.layers.1.c", "new:model.vision_tower.encoder.layers.1.c");
        assertThat(linear.warnings()).isEmpty();
        assertThat(linear.tensors()).allMatch(tensor -> tensor.models().size() == 2);
    }

    @Test
    void modulesOfUnknownModelsAreTheirStacks() throws IOException {
        models.model("x", "{'model_type': 'unheard_of'}", names(
                List.of("tokens.embed", "out.weight"), layers("left.cells", 2, "a", "b"), layers("right.cells", 3, "a", "b")));
        Plan plan = models.plan("merge_method: passthrough\nmodules:\n  right.cells:\n    slices:\n"
                + "    - sources: [{model: x, layer_range: [2, 3]}]\n");
        assertThat(inputs(plan, "right.cells.0.a")).containsExactly("x:right.cells.2.a");
        assertThat(tensors(plan)).containsKeys("left.cells.1.b", "tokens.embed", "out.weight").hasSize(2 + 4 + 2);
        assertThat(plan.warnings()).anyMatch(line -> line.contains("set it to 1"));
    }
}
