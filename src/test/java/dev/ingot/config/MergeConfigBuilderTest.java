// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MergeConfigBuilderTest {
    private static InputSource source(String model, int start, int end) {
        return new InputSource(
                ModelReference.of(model), new LayerRange(start, end, Position.NONE), ParameterMap.EMPTY, Position.NONE);
    }

    private static OutputSlice slice(InputSource... sources) {
        return new OutputSlice(List.of(sources), ParameterMap.EMPTY, Optional.empty(), Position.NONE);
    }

    @Test
    void buildsWhatYamlWouldSay() {
        MergeConfig built = MergeConfig.builder()
                .mergeMethod("ties")
                .baseModel("base")
                .model("expert0", Map.of("density", Setting.gradient(1, 0.7, 0.1)))
                .model("expert1+lora", Map.of())
                .parameter("normalize", Setting.of(1))
                .dtype(Dtype.BF16)
                .outDtype(Dtype.F16)
                .chatTemplate("auto")
                .build();
        MergeConfig read = TestConfigs.parse("""
                merge_method: ties
                base_model: base
                models:
                - {model: expert0, parameters: {density: [1, 0.7, 0.1]}}
                - {model: expert1+lora}
                parameters: {normalize: true}
                dtype: bfloat16
                out_dtype: float16
                chat_template: auto
                """);
        assertThat(built).usingRecursiveComparison()
                .ignoringFields("source").ignoringFieldsOfTypes(Position.class)
                .ignoringFieldsMatchingRegexes(".*positions.*")
                .isEqualTo(read);
        assertThat(built.source().text()).isEmpty();
    }

    @Test
    void buildsSlices() {
        MergeConfig config = MergeConfig.builder().mergeMethod("passthrough")
                .slice(slice(source("a", 0, 3))).slice(slice(source("b", 1, 4))).build();
        assertThat(config.referencedModels()).map(ModelReference::path).containsExactly("a", "b");
    }

    @Test
    void keepsTheRulesOfTheDialect() {
        assertThatThrownBy(() -> MergeConfig.builder().model("a", Map.of()).build())
                .isInstanceOf(ConfigException.class)
                .hasMessage("the merge method is empty (configuration built in code)");
        assertThatThrownBy(() -> MergeConfig.builder().mergeMethod("x").build())
                .isInstanceOf(ConfigException.class)
                .hasMessage("0 of models, slices and modules are given (configuration built in code)");
        MergeConfigBuilder twice = MergeConfig.builder().mergeMethod("x").model("a", Map.of()).model("a", Map.of());
        assertThatThrownBy(twice::build)
                .isInstanceOf(ConfigException.class)
                .hasMessage("model 'a' is listed twice under 'models' (configuration built in code)");
        assertThatThrownBy(() -> slice(source("a", 0, 3), source("b", 0, 2))).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> source("a", 3, 3)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> ModelReference.of(" ")).isInstanceOf(ConfigException.class);
    }

    @Test
    void configurationsDoNotChangeWithTheBuilder() {
        MergeConfigBuilder builder = MergeConfig.builder().mergeMethod("x").model("a", Map.of());
        MergeConfig first = builder.build();
        builder.model("b", Map.of()).parameter("t", Setting.of(1));
        assertThat(first.referencedModels()).hasSize(1);
        assertThat(first.parameters().names()).isEmpty();
        assertThat(builder.build().referencedModels()).hasSize(2);
    }
}
