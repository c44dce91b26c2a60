// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigJsonEditorTest {
    private static final Path VECTORS = Path.of("src/test/resources/writer");

    @TempDir
    private Path folder;

    @Test
    void withoutChangesTheTextIsThatOfPythonWithTheDigitsKept() throws IOException {
        byte[] text = ConfigJsonEditor.rewrite(VECTORS.resolve("config.json"), Map.of());
        assertThat(new String(text, StandardCharsets.UTF_8))
                .isEqualTo(Files.readString(VECTORS.resolve("config.rewritten.json")));
    }

    @Test
    void rewritingTwiceChangesNothing() {
        Path done = VECTORS.resolve("config.rewritten.json");
        assertThat(ConfigJsonEditor.rewrite(done, Map.of())).isEqualTo(
                ConfigJsonEditor.rewrite(VECTORS.resolve("config.json"), Map.of()));
    }

    @Test
    void replacesInPlaceAndAddsAtTheEnd() throws IOException {
        Path in = config("{\"torch_dtype\": \"float32\", \"num_hidden_layers\": 32, \"rope\": {\"theta\": 1e6},"
                + " \"z\": 1}");
        assertThat(rewrite(in, Map.of("num_hidden_layers", 24L, "torch_dtype", "bfloat16", "rope.theta", 10000,
                "architectures", List.of("A", "B")))).isEqualTo("""
                {
                  "torch_dtype": "bfloat16",
                  "num_hidden_layers": 24,
                  "rope": {
                    "theta": 10000
                  },
                  "z": 1,
                  "architectures": [
                    "A",
                    "B"
                  ]
                }
                """);
    }

    @Test
    void aDottedKeyLeavesItsNeighboursAlone() throws IOException {
        Path in = config("{\"text_config\": {\"n\": 1, \"list\": [{\"n\": 5}], \"inner\": {\"n\": 2}}, \"n\": 3}");
        assertThat(rewrite(in, Map.of("text_config.n", 9, "text_config.new", true, "other.deep.n", 4)))
                .isEqualToIgnoringWhitespace("""
                {"text_config": {"n": 9, "list": [{"n": 5}], "inner": {"n": 2}, "new": true}, "n": 3,
                 "other": {"deep": {"n": 4}}}
                """);
    }

    @Test
    void aWholeObjectCanBeReplacedByAnyValue() throws IOException {
        Path in = config("{\"quantization_config\": {\"bits\": [4, {\"x\": []}]}, \"a\": null, \"b\": [1, 2]}");
        Map<String, Object> changes = new HashMap<>();
        changes.put("quantization_config", null);
        changes.put("a", 0.5);
        changes.put("b", List.of());
        assertThat(rewrite(in, changes)).isEqualToIgnoringWhitespace(
                "{\"quantization_config\": null, \"a\": 0.5, \"b\": []}");
    }

    @Test
    void anEmptyObjectGetsItsFirstKey() throws IOException {
        assertThat(rewrite(config("{}"), Map.of("dtype", "bfloat16"))).isEqualTo("{\n  \"dtype\": \"bfloat16\"\n}\n");
    }

    @Test
    void aChangeBelowAScalarIsRefusedWithItsPlace() throws IOException {
        Path in = config("{\n  \"text_config\": 7\n}");
        assertThatThrownBy(() -> ConfigJsonEditor.rewrite(in, Map.of("text_config.n", 1)))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(in + ":2:18: 'text_config': an object expected, found 7");
    }

    @Test
    void contradictingOrForeignChangesAreProgrammingErrors() throws IOException {
        Path in = config("{}");
        assertThatIllegalArgumentException().isThrownBy(
                () -> ConfigJsonEditor.rewrite(in, Map.of("a", 1, "a.b", 2)));
        assertThatIllegalArgumentException().isThrownBy(
                () -> ConfigJsonEditor.rewrite(in, Map.of("a", Double.NaN)));
        assertThatIllegalArgumentException().isThrownBy(
                () -> ConfigJsonEditor.rewrite(in, Map.of("a", new Object())));
    }

    @Test
    void brokenTextIsRefusedWithItsPlace() throws IOException {
        assertBroken("{\"a\": 1,\n \"b\": }", ":2:7: not valid JSON");
        assertBroken("{\"a\": 1, \"a\": 2}", ":1:13: not valid JSON: Duplicate");
        assertBroken("[1]", ":1:1: an object expected, found a list");
        assertBroken("{\"a\": 1", ":1:8: not valid JSON: Unexpected end-of-input");
        assertBroken("", ":1:1: an object expected, found the end of the text");
        assertBroken("{} {}", "text after the end of the JSON value");
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        Path in = Files.write(folder.resolve("config.json"), new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'});
        assertThatThrownBy(() -> ConfigJsonEditor.rewrite(in, Map.of())).isInstanceOf(CheckpointException.class)
                .hasMessage(in + ": is not valid UTF-8");
    }

    private void assertBroken(String text, String expected) throws IOException {
        Path in = config(text);
        assertThatThrownBy(() -> ConfigJsonEditor.rewrite(in, Map.of())).isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(in + ":").hasMessageContaining(expected);
        assertThatThrownBy(() -> ModelConfig.read(in)).isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(in + ":").hasMessageContaining(expected);
    }

    private Path config(String text) throws IOException {
        return Files.writeString(folder.resolve("config.json"), text);
    }

    private static String rewrite(Path in, Map<String, Object> changes) {
        return new String(ConfigJsonEditor.rewrite(in, changes), StandardCharsets.US_ASCII);
    }
}
