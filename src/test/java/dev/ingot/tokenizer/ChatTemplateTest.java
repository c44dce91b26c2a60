// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import static dev.ingot.tokenizer.TestTokenizer.bpe;
import static dev.ingot.tokenizer.TestTokenizer.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.config.Position;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The setting {@code chat_template} and the files that it changes. */
class ChatTemplateTest {
    private static final String LITERAL = "{% for m in messages %}\"{{ m }}\"{% endfor %}";

    @TempDir
    private Path folder;

    @Test
    void knownNamesAreTemplates() {
        for (String name : ChatTemplate.names()) {
            assertThat(resolve(name)).get().asString().contains("messages", "message['content']").doesNotEndWith("\n");
        }
        assertThat(resolve("chatml")).get().asString().contains("<|im_start|>");
    }

    @Test
    void otherTextIsTheTemplate() {
        assertThat(resolve(LITERAL)).contains(LITERAL);
        assertThatThrownBy(() -> resolve("chatlm"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'chatlm'")
                .satisfies(e -> assertThat(((ConfigException) e).hint()).contains("chatml"));
        assertThatThrownBy(() -> resolve("{{ messages }}")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> resolve("a long text without any brace")).isInstanceOf(ConfigException.class);
    }

    @Test
    void autoTakesTheMostFrequent() {
        Tokenizer one = with("one", "{\"chat_template\": \" A \"}");
        Tokenizer two = with("two", "{\"chat_template\": [{\"name\": \"tool\", \"template\": \"T\"},"
                + " {\"name\": \"default\", \"template\": \"B\"}]}");
        Tokenizer three = with("three", "{\"chat_template\": \"overruled\"}");
        put(folder.resolve("three"), "chat_template.jinja", "B\n");
        Tokenizer four = with("three", "{\"chat_template\": \"overruled\"}");
        Tokenizer none = with("none", "{}");
        assertThat(three.chatTemplate()).contains("overruled");
        assertThat(auto(one, two, four)).contains("B");
        assertThat(auto(none, one, two)).as("equally many: the first").contains("A");
        assertThat(auto(none)).isEmpty();
    }

    private Tokenizer with(String name, String config) {
        put(folder.resolve(name), "tokenizer_config.json", config);
        return bpe("x").in(folder.resolve(name));
    }

    private static Optional<String> auto(Tokenizer... tokenizers) {
        return ChatTemplate.resolve("auto", Position.NONE, List.of(tokenizers));
    }

    private static Optional<String> resolve(String setting) {
        return ChatTemplate.resolve(setting, Position.NONE, List.of());
    }

    @Test
    void theTemplateIsPutIntoEveryFileThatHoldsOne() {
        put(folder, "tokenizer.json", "anything");
        put(folder, "tokenizer_config.json", "{\n  \"a\": 1,\n  \"chat_template\": [\n    1\n  ],\n  \"b\": 1E5\n}\n");
        put(folder, "chat_template.jinja", "old");
        put(folder, "chat_template.json", "{}");
        Map<String, byte[]> files = TokenizerFiles.copy(folder, Optional.of("{{ \"é\" }}"));
        assertThat(text(files, "tokenizer.json")).isEqualTo("anything");
        assertThat(text(files, "tokenizer_config.json"))
                .isEqualTo("{\n  \"a\": 1,\n  \"chat_template\": \"{{ \\\"é\\\" }}\",\n  \"b\": 1E5\n}\n");
        assertThat(text(files, "chat_template.jinja")).isEqualTo("{{ \"é\" }}");
        assertThat(text(files, "chat_template.json")).isEqualTo("{\"chat_template\":\"{{ \\\"é\\\" }}\"}");
    }

    @Test
    void whereThereIsNoneItIsAdded() {
        put(folder, "tokenizer_config.json", "{\n  \"a\": 1\n}\n");
        assertThat(text(TokenizerFiles.copy(folder, Optional.of("T")), "tokenizer_config.json"))
                .isEqualTo("{\n  \"a\": 1,\n  \"chat_template\": \"T\"\n}\n");
        put(folder.resolve("other"), "tokenizer.json", "anything");
        assertThat(TokenizerFiles.copy(folder.resolve("other"), Optional.of("T"))).containsKey("chat_template.jinja");
    }

    @Test
    void withoutTokenizerThereIsNoPlaceForIt() {
        assertThat(TokenizerFiles.copy(folder, Optional.empty())).isEmpty();
        assertThatThrownBy(() -> TokenizerFiles.copy(folder, Optional.of("T"))).isInstanceOf(CheckpointException.class);
        put(folder, "tokenizer_config.json", "[1]");
        assertThatThrownBy(() -> TokenizerFiles.copy(folder, Optional.of("T"))).isInstanceOf(CheckpointException.class);
    }

    private static String text(Map<String, byte[]> files, String name) {
        return new String(files.get(name), StandardCharsets.UTF_8);
    }
}
