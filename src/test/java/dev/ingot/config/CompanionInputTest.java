// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.error.ConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Further checkpoints in entries of models and sources. */
class CompanionInputTest {
    @Test
    void entriesOfModelsAndSourcesHaveThem() {
        MergeConfig config = TestConfigs.parse("""
                merge_method: x
                models:
                - model: a
                  mask: masks/a
                  draws: {model: {path: 'd+a'}}
                - {model: b, mask: }
                """);
        InputModel a = ((Layout.Models) config.layout()).models().getFirst();
        assertThat(a.companions()).containsExactly(
                Map.entry(Companion.MASK, new CompanionInput(ModelReference.of("masks/a"), new Position("m.yml", 4, 3))),
                Map.entry(Companion.DRAWS, new CompanionInput(ModelReference.of("d+a"), new Position("m.yml", 5, 3))));
        assertThat(((Layout.Models) config.layout()).models().getLast().companions()).isEmpty();
        assertThat(config.referencedModels()).map(ModelReference::path).containsExactly("a", "b");
        assertThat(config.companions()).map(ModelReference::path).containsExactly("masks/a", "d+a");

        MergeConfig slices = TestConfigs.parse("""
                merge_method: x
                modules: {m: {slices: [{sources: [{model: a, layer_range: [0, 1], draws: d}]}]}}
                """);
        assertThat(slices.companions()).containsExactly(ModelReference.of("d"));
    }

    @Test
    void refusesWhatIsNoModel() {
        assertThatThrownBy(() -> TestConfigs.parse("merge_method: x\nmodels: [{model: a, mask: [b]}]"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("'mask' must be a mapping, found a list (m.yml:2:27)");
        assertThatThrownBy(() -> TestConfigs.parse("merge_method: x\nmodels: [{model: a, drawz: b}]"))
                .hasMessage("unknown key 'drawz' in an item of 'models' (m.yml:2:21)");
    }

    @Test
    void areBuiltInCodeToo() {
        MergeConfig config = MergeConfig.builder()
                .mergeMethod("x")
                .model(ModelReference.of("a"), Map.of(), Map.of(Companion.DRAWS, ModelReference.of("d")))
                .build();
        assertThat(config.companions()).containsExactly(ModelReference.of("d"));
    }
}
