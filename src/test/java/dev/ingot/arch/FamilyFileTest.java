// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FamilyFileTest {
    private static final String VALID = """
            model-types = a b
            tied-types = b
            modules = text vision
            text.layers = model.layers
            text.count = text_config.num_hidden_layers n_layer
            vision.tensors = visual.
            embeddings = model.embed.weight
            tied = lm_head.weight=model.embed.weight
            same = copy=model.embed.weight
            prefix-aliases = m.=model. x.=
            suffix-aliases = .gamma=.weight
            layer-types = a period 2 left right
            """;

    private static Family read(String text) {
        return FamilyFile.read("test.properties", new StringReader(text));
    }

    @Test
    void allKeysAreRead() {
        Family family = read(VALID);
        assertThat(family.name()).isEqualTo("test");
        assertThat(family.modelTypes()).containsExactly("a", "b");
        assertThat(family.tiedTypes()).containsExactly("b");
        assertThat(family.modules()).extracting(ModelModule::name).containsExactly("text", "vision");
        assertThat(family.modules().getFirst().countKeys()).containsExactly("text_config.num_hidden_layers", "n_layer");
        assertThat(family.modules().getLast().layers()).isEmpty();
        assertThat(family.ties()).containsExactly(
                new Tie("lm_head.weight", "model.embed.weight", false), new Tie("copy", "model.embed.weight", true));
        assertThat(family.canonical("m.norm.gamma")).isEqualTo("model.norm.weight");
        assertThat(family.canonical("x.norm.weight")).isEqualTo("norm.weight");
        LayerTypes types = family.layerTypes().get("a");
        assertThat(List.of(types.of(0, 2), types.of(1, 2), types.of(3, 3), types.of(5, 0)))
                .containsExactly("left", "right", "left", "left");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "colour = red | unknown key 'colour'",
        "tied = lm_head.weight | 'lm_head.weight', which is no pair",
        "tied = =x | '=x', which is no pair",
        "same = a=b a=c | two pairs of 'a'",
        "heads = x x | 'x' twice",
        "text.layers = a b | 'text.layers' has 2 words",
        "vision.layers = visual.blocks | module 'vision' needs both",
        "tied-types = c | tied-types has words",
        "layer-types = a period two left right | not MODEL-TYPE KEY PERIOD",
        "layer-types = a period 2 left | not MODEL-TYPE KEY PERIOD",
        "x = \\u12 | no properties file",
        "model-types = | neither model-types nor architectures"
    })
    void mistakesAreNamed(String line, String message) {
        String text = line.startsWith("model-types") ? "tied-types =\n" + line : VALID + line;
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> read(text))
                .withMessageContaining("test.properties: ")
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.hint()).isNotBlank());
    }

    @Test
    void everyFileIsListed() throws IOException {
        try (var files = Files.list(Path.of("src/main/resources/dev/ingot/arch/families"))) {
            assertThat(files.map(path -> path.getFileName().toString().replace(".properties", "")))
                    .containsExactlyInAnyOrderElementsOf(Families.load().names());
        }
    }
}
