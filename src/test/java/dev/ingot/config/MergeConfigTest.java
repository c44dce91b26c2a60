// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergeConfigTest {
    @Test
    void readsEveryTopLevelKey() {
        MergeConfig config = TestConfigs.parse("""
                merge_method: ties
                base_model: base@main
                slices:
                  - sources:
                      - model: a
                        layer_range: [0, 4]
                      - model: {model: {path: b}}
                        layer_range: ["4", 0x8]
                    base_model: other
                    parameters: {density: 0.5}
                parameters: {normalize: true}
                dtype: torch.bfloat16
                out_dtype: float16
                tokenizer_source: union
                chat_template: chatml
                """);
        assertThat(config.mergeMethod()).isEqualTo("ties");
        assertThat(config.baseModel()).contains(ModelReference.parse("base@main"));
        assertThat(config.dtype()).contains(Dtype.BF16);
        assertThat(config.outDtype()).contains(Dtype.F16);
        assertThat(config.chatTemplate()).contains("chatml");
        assertThat(config.tokenizer().orElseThrow().source()).isEqualTo(new TokenizerConfig.Source.Union());
        OutputSlice slice = ((Layout.Slices) config.layout()).slices().getFirst();
        assertThat(slice.position()).isEqualTo(new Position("m.yml", 4, 5));
        assertThat(slice.baseModel()).contains(ModelReference.of("other"));
        assertThat(slice.parameters().positionOf("density")).isEqualTo(new Position("m.yml", 10, 18));
        InputSource second = slice.sources().get(1);
        assertThat(second.layerRange()).isEqualTo(new LayerRange(4, 8, new Position("m.yml", 8, 22)));
        assertThat(config.referencedModels()).map(ModelReference::toString)
                .containsExactly("a", "b", "other", "base@main");
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void remembersTextNameAndKeys() {
        String text = "models: [{model: a}]\nmerge_method: passthrough\n";
        ConfigSource source = MergeConfig.parse(text, "x/y.yml").source();
        assertThat(source.text()).isEqualTo(text);
        assertThat(source.name()).isEqualTo("x/y.yml");
        assertThat(source.positionOf("merge_method")).hasToString("x/y.yml:2:1");
        assertThat(source.positionOf("dtype")).hasToString("x/y.yml");
    }

    @Test
    void keysWithoutValueAreAbsent() {
        MergeConfig config = TestConfigs.linear(
                "slices:", "modules: ~", "base_model:", "parameters: null", "dtype:", "out_dtype: ~", "tokenizer:",
                "tokenizer_source: Null", "chat_template: NULL");
        assertThat(config).usingRecursiveComparison().ignoringFields("source").isEqualTo(TestConfigs.linear());
        assertThat(config.source().keys()).containsOnlyKeys("merge_method", "models");
    }

    @Test
    void readsModules() {
        MergeConfig config = TestConfigs.parse("""
                merge_method: linear
                modules:
                  text_decoder:
                    slices: [{sources: [{model: a, layer_range: [0, 1]}]}]
                    parameters: {weight: 2}
                  vision_tower:
                    models: [{model: b}]
                """);
        Layout.Modules layout = (Layout.Modules) config.layout();
        assertThat(layout.modules()).containsOnlyKeys("text_decoder", "vision_tower");
        assertThat(layout.modules().get("text_decoder").parameters().names()).containsExactly("weight");
        assertThat(layout.modules().get("vision_tower").layout()).isInstanceOf(Layout.Models.class);
        assertThat(config.referencedModels()).map(ModelReference::path).containsExactly("a", "b");
    }

    /** mergekit parses it and then crashes (mergekit.md, trap 21). */
    @Test
    void aLoneConditionWorksLikeAListOfOne() {
        Setting lone = TestConfigs.linear("parameters: {t: {filter: mlp, value: [0, 1]}}").parameters().get("t").get();
        assertThat(lone).isInstanceOf(Setting.Conditional.class);
        assertThat(lone.evaluate("x.mlp.y", 0.5)).hasValue(0.5);
        assertThat(lone.evaluate("x.attn.y", 0.5)).isEmpty();
    }

    @Test
    void numbersMayBeBooleansOrText() {
        Setting setting = TestConfigs.linear(
                        "parameters: {t: [true, '0.5', 1e-3, \" 2 \", !!float 3, !!str 4, off, ! on]}")
                .parameters().get("t").get();
        assertThat(((Setting.Gradient) setting).numbers()).containsExactly(1.0, 0.5, 0.001, 2.0, 3.0, 4.0, 0.0, 1.0);
    }

    @Test
    void aliasesAndMergeKeysAreWrittenOut() {
        MergeConfig config = TestConfigs.parse("""
                merge_method: ties
                models:
                - model: a
                  parameters: &p {weight: 0.5, density: &d [1, 0.5]}
                - model: b
                  parameters: {density: 0.25, <<: *p}
                - model: c
                  parameters: {<<: [{weight: 9}, *p], gamma: *d}
                """);
        Layout.Models models = (Layout.Models) config.layout();
        ParameterMap b = models.models().get(1).parameters();
        assertThat(b.get("density").get().evaluate("x", 0)).hasValue(0.25);
        assertThat(b.get("weight").get().evaluate("x", 0)).hasValue(0.5);
        assertThat(b.positionOf("weight")).isEqualTo(new Position("m.yml", 4, 19));
        ParameterMap c = models.models().get(2).parameters();
        assertThat(c.get("weight").get().evaluate("x", 0)).hasValue(9);
        assertThat(c.get("density").get().evaluate("x", 1)).hasValue(0.5);
        assertThat(c.get("gamma").get().evaluate("x", 1)).hasValue(0.5);
    }

    @Test
    void readsJsonAndMarkersAroundTheDocument() {
        String json = "{\"merge_method\": \"linear\", \"models\": [{\"model\": \"a\"}]}";
        assertThat(TestConfigs.parse("\uFEFF# head\n%YAML 1.1\n---\n" + json + "\n...\n").mergeMethod())
                .isEqualTo("linear");
    }

    @ParameterizedTest
    @CsvSource({
        "bfloat16, BF16", "float16, F16", "float32, F32", "float64, F64", "float8_e4m3fn, F8_E4M3",
        "float8_e5m2, F8_E5M2", "torch.float32, F32", "torch.float8_e5m2, F8_E5M2"
    })
    void knowsTheNamesOfTypes(String name, Dtype dtype) {
        assertThat(TestConfigs.linear("dtype: " + name).dtype()).contains(dtype);
    }

    @ParameterizedTest
    @CsvSource({
        "bf16, unknown dtype 'bf16', did you mean 'bfloat16'?",
        "bloat16, unknown dtype 'bloat16', did you mean 'bfloat16'?",
        "torch.half, unknown dtype 'torch.half', did you mean 'float16'?",
        "Float32, unknown dtype 'Float32', did you mean 'float32'?",
        "torch.torch.float32, unknown dtype 'torch.torch.float32', Known are bfloat16",
        "int64, weights cannot be merged as int64, give a floating-point type",
        "torch.int64, weights cannot be merged as int64, give a floating-point type"
    })
    void refusesOtherTypes(String name, String message, String hint) {
        assertThatThrownBy(() -> TestConfigs.linear("out_dtype: " + name))
                .isInstanceOf(ConfigException.class)
                .hasMessage(message + " (m.yml:3:12)")
                .extracting(e -> ((ConfigException) e).hint()).asString().startsWith(hint);
    }

    @Test
    void loadsAFile(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("é.yml"), "merge_method: linear\nmodels: [{model: modèle}]\n");
        MergeConfig config = MergeConfig.load(file);
        assertThat(config.referencedModels()).containsExactly(ModelReference.of("modèle"));
        assertThat(config.source().positionOf("models")).hasToString(file + ":2:1");
    }

    @Test
    void theDocumentedExampleIsValid() throws IOException {
        String page = Files.readString(Path.of("docs", "configuration.md"));
        String example = page.split("```yaml\n")[1].split("```")[0];
        MergeConfig config = TestConfigs.parse(example);
        assertThat(config.warnings()).isEmpty();
        assertThat(config.referencedModels()).hasSize(3);
    }

    @Test
    void equalTextsGiveEqualConfigurations() {
        assertThat(TestConfigs.linear("parameters: {t: [{value: 1}]}"))
                .isEqualTo(TestConfigs.linear("parameters: {t: [{value: 1}]}"))
                .isNotEqualTo(TestConfigs.linear());
        assertThat(TestConfigs.linear().baseModel()).isEqualTo(Optional.empty());
    }
}
