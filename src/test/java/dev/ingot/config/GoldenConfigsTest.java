// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenConfigsTest {
    static List<Path> files() {
        return TestConfigs.golden();
    }

    @ParameterizedTest
    @MethodSource("files")
    void readsEveryConfigurationThatMergekitRan(Path file) {
        MergeConfig config = MergeConfig.load(file);
        assertThat(config.warnings()).isEmpty();
        assertThat(config.dtype()).contains(Dtype.F32);
        assertThat(config.source().text()).contains("merge_method: " + config.mergeMethod());
        assertThat(config.referencedModels()).isNotEmpty();
    }

    @Test
    void thereAreAllOfThem() {
        assertThat(files()).hasSize(41);
    }

    private static MergeConfig golden(String name) {
        return MergeConfig.load(
                files().stream().filter(file -> file.endsWith(name + ".yml")).findFirst().orElseThrow());
    }

    @Test
    void readsConditionsWithGradients() {
        MergeConfig config = golden("mergekit-slerp_gradient_filters");
        Setting t = config.parameters().get("t").orElseThrow();
        assertThat(t.evaluate("model.layers.1.self_attn.q_proj.weight", 0.25)).hasValue(0.5);
        assertThat(t.evaluate("model.layers.3.mlp.up_proj.weight", 1)).hasValue(0);
        assertThat(t.evaluate("model.norm.weight", 0)).hasValue(0.5);
        assertThat(config.referencedModels()).map(ModelReference::path).containsExactly("expert0", "expert1");
    }

    @Test
    void readsSlicesOfDifferentModels() {
        Layout.Slices layout = (Layout.Slices) golden("mergekit-passthrough_stack").layout();
        assertThat(layout.slices()).map(OutputSlice::length).containsExactly(3, 3);
        assertThat(layout.slices().get(1).sources().getFirst().layerRange())
                .extracting(LayerRange::start, LayerRange::end).containsExactly(1, 4);
    }

    @Test
    void readsAdapters() {
        MergeConfig config = golden("lora-moe-mergekit_lora_task_arithmetic_base_lora");
        assertThat(config.baseModel()).contains(new ModelReference("g1/base", Optional.empty(),
                Optional.of(new ModelReference.Lora("adapters/rslora", Optional.empty())), Optional.empty()));
        assertThat(config.referencedModels()).map(ModelReference::toString)
                .containsExactly("g1/expert0", "g1/base+adapters/plain", "g1/base+adapters/rslora");
    }

    @Test
    void readsBooleansAsNumbers() {
        MergeConfig config = golden("mergekit-ties_unnormalized_lambda");
        assertThat(config.parameters().get("normalize").orElseThrow().evaluate("x", 0)).hasValue(0);
        assertThat(config.parameters().names()).containsExactly("normalize", "lambda");
    }
}
