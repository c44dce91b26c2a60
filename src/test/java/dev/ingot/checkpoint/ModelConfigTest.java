// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelConfigTest {
    @TempDir
    private Path folder;
    private Path file;
    private ModelConfig config;

    @BeforeEach
    void read() throws IOException {
        file = Files.writeString(folder.resolve("config.json"), """
                {
                  "architectures": ["LlamaForCausalLM"],
                  "model_type": "llama",
                  "num_hidden_layers": 16,
                  "n_layer": 2.4e1,
                  "rope_theta": 500000.5,
                  "huge": 99999999999999999999,
                  "limit": [0.0, Infinity],
                  "tie_word_embeddings": true,
                  "nothing": null,
                  "nested": [{"num_hidden_layers": 3}, [1]],
                  "text_config": {"num_hidden_layers": 12, "vision": {"depth": 7}}
                }
                """);
        config = ModelConfig.read(file);
    }

    @Test
    void givesValuesByKey() {
        assertThat(config.architectures()).containsExactly("LlamaForCausalLM");
        assertThat(config.modelType()).contains("llama");
        assertThat(config.tieWordEmbeddings()).contains(true);
        assertThat(config.integer("num_hidden_layers")).contains(16L);
        assertThat(config.integer("n_layer")).contains(24L);
        assertThat(config.integer("text_config.num_hidden_layers")).contains(12L);
        assertThat(config.integer("text_config.vision.depth")).contains(7L);
        assertThat(config.file()).isEqualTo(file);
    }

    @Test
    void absentIsEmpty() {
        assertThat(config.integer("num_layers")).isEmpty();
        assertThat(config.integer("nothing")).isEmpty();
        assertThat(config.integer("nested.num_hidden_layers")).isEmpty();
        assertThat(config.strings("nothing")).isEmpty();
        assertThat(config.contains("model_type")).isTrue();
        assertThat(config.contains("nothing")).isFalse();
        assertThat(config.contains("text_config.num_hidden_layers")).isTrue();
    }

    @Test
    void anotherTypeIsAnErrorThatNamesTheKey() {
        assertThatThrownBy(() -> config.integer("model_type")).isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": 'model_type': an integer expected, found 'llama'");
        assertThatThrownBy(() -> config.integer("rope_theta")).hasMessageContaining("found '500000.5'");
        assertThatThrownBy(() -> config.integer("huge")).hasMessageContaining("found '99999999999999999999'");
        assertThatThrownBy(() -> config.integer("tie_word_embeddings")).hasMessageContaining("found 'true'");
        assertThatThrownBy(() -> config.bool("num_hidden_layers")).hasMessageContaining("true or false expected");
        assertThatThrownBy(() -> config.string("num_hidden_layers")).hasMessageContaining("a string expected");
        assertThatThrownBy(() -> config.strings("limit")).hasMessageContaining("a list of strings expected");
    }

    @Test
    void listsKeepTheirScalars() throws IOException {
        ModelConfig lists = ModelConfig.read(Files.writeString(folder.resolve("lists.json"),
                "{\"a\": [\"x\", 3, 2.5, true, null, {}, NaN, Infinity], \"o\": {\"l\": []}, \"n\": 1}"));
        assertThat(lists.list("a")).contains(List.of("x", 3L, 2.5, true));
        assertThat(lists.list("o.l")).contains(List.of());
        assertThat(lists.list("absent")).isEmpty();
        assertThatThrownBy(() -> lists.list("n")).isInstanceOf(CheckpointException.class).hasMessageContaining("a list expected");
        assertThat(lists.hasObject("o")).isTrue();
        assertThat(lists.hasObject("a")).isFalse();
    }
}
