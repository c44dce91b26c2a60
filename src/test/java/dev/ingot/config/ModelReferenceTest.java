// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.config.ModelReference.Lora;
import dev.ingot.error.ConfigException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelReferenceTest {
    private static ModelReference base(String lines) {
        return TestConfigs.linear(lines).baseModel().orElseThrow();
    }

    @Test
    void readsTheTextForm() {
        assertThat(ModelReference.parse("user/model")).isEqualTo(ModelReference.of("user/model"));
        assertThat(ModelReference.parse("m@main+dir/lora@v2")).isEqualTo(new ModelReference(
                "m", Optional.of("main"), Optional.of(new Lora("dir/lora", Optional.of("v2"))), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"user/model", "user/model+lora", "user/model@rev", "user/model@rev+lora@r2"})
    void writesTheTextForm(String text) {
        assertThat(ModelReference.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"@@@@@", "a+b+c", "a+b+c@d+e@f@g", "a@b@c", "", " ", "a+", "+a", "a@", "@a", "a+b@"})
    void refusesTextWithTooManyOrEmptyParts(String text) {
        assertThatThrownBy(() -> ModelReference.parse(text)).isInstanceOf(ConfigException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void readsTheMappingForm() {
        assertThat(base("base_model: {model: {path: my+dir@home, revision: main}, lora: l@2}"))
                .isEqualTo(new ModelReference("my+dir@home", Optional.of("main"),
                        Optional.of(new Lora("l", Optional.of("2"))), Optional.empty()));
        assertThat(base("base_model: {model: a+b@r, override_architecture: LlamaForCausalLM}"))
                .isEqualTo(new ModelReference(
                        "a+b", Optional.of("r"), Optional.empty(), Optional.of("LlamaForCausalLM")));
    }

    @Test
    void bothFormsOfTheSameModelAreEqual() {
        assertThat(base("base_model: {model: {path: a, revision: r}, lora: {path: l}}"))
                .isEqualTo(base("base_model: a@r+l"));
    }

    @Test
    void pathsAreComparedAsText() {
        assertThat(ModelReference.of("./a")).isNotEqualTo(ModelReference.of("a"));
    }
}
