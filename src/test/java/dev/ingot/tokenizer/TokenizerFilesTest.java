// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import static dev.ingot.tokenizer.TestTokenizer.bpe;
import static dev.ingot.tokenizer.TestTokenizer.config;
import static dev.ingot.tokenizer.TestTokenizer.input;
import static dev.ingot.tokenizer.TestTokenizer.model;
import static dev.ingot.tokenizer.TestTokenizer.put;
import static dev.ingot.tokenizer.TestTokenizer.token;
import static dev.ingot.tokenizer.TestTokenizer.tokens;
import static dev.ingot.tokenizer.TestTokenizer.union;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.config.TokenizerConfig.Source;
import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of the output's tokenizer: what must change changes, all else stays to the byte. */
class TokenizerFilesTest {
    private static final Path MODELS = Path.of("src/test/resources/golden/tokenizers/models");

    @TempDir
    private Path folder;

    @Test
    void anUnchangedTokenizerIsCopied() throws IOException {
        Tokenizer a = Tokenizer.read(MODELS.resolve("a")).orElseThrow();
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", a)));
        SequencedMap<String, byte[]> files = merge.files(Optional.empty());
        assertThat(files.sequencedKeySet()).containsExactly("tokenizer_config.json", "tokenizer.json");
        for (String name : files.keySet()) {
            assertThat(files.get(name)).isEqualTo(Files.readAllBytes(MODELS.resolve("a").resolve(name)));
        }
    }

    @Test
    void additionsAreLaidOutLikeTheirNeighbours() throws IOException {
        Tokenizer a = Tokenizer.read(MODELS.resolve("a")).orElseThrow();
        Tokenizer b = Tokenizer.read(MODELS.resolve("b")).orElseThrow();
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        String before = Files.readString(MODELS.resolve("a").resolve("tokenizer.json"));
        String after = text(merge.files(Optional.empty()), "tokenizer.json");
        String added = """
                ,
                    {
                      "id": 42,
                      "content": "<|im_start|>",
                      "single_word": false,
                      "lstrip": false,
                      "rstrip": false,
                      "normalized": false,
                      "special": true
                    },
                    {
                      "id": 43,
                      "content": "<|im_end|>",
                      "single_word": false,
                      "lstrip": false,
                      "rstrip": false,
                      "normalized": false,
                      "special": true
                    }""";
        String vocabulary = """
                ,
                      "xy": 38,
                      "xyz": 39,
                      "qu": 40,
                      "tokB": 41,
                      "<|im_start|>": 42,
                      "<|im_end|>": 43""";
        String merges = """
                ,
                      [
                        "x",
                        "y"
                      ],
                      [
                        "xy",
                        "z"
                      ],
                      [
                        "q",
                        "u"
                      ]""";
        int list = before.indexOf("\n  ],\n  \"normalizer\"");
        int object = before.indexOf("\n    },\n    \"merges\"");
        int end = before.lastIndexOf("\n    ]");
        assertThat(after).isEqualTo(before.substring(0, list) + added + before.substring(list, object) + vocabulary
                + before.substring(object, end) + merges + before.substring(end));
    }

    @Test
    void filesOnOneLineStaySo() {
        Tokenizer a = bpe("x", "y").added("<s>", 2).merge("x x").in(folder.resolve("a"));
        Tokenizer b = bpe("x", "y", "yx").merge("y x").added("<b>", 3).in(folder.resolve("b"));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        assertThat(text(merge.files(Optional.empty()), "tokenizer.json")).isEqualTo(
                "{\"version\":\"1.0\",\"added_tokens\":[{\"id\":2,\"content\":\"<s>\",\"single_word\":false,"
                        + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true},{\"id\":4,"
                        + "\"content\":\"<b>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
                        + "\"normalized\":false,\"special\":true}],\"normalizer\":null,\"model\":{\"type\":\"BPE\","
                        + "\"vocab\":{\"x\":0,\"y\":1,\"<s>\":2,\"yx\":3,\"<b>\":4},"
                        + "\"merges\":[[\"x\",\"x\"],[\"y\",\"x\"]]}}");
    }

    /** The library numbers added tokens behind the model's, so the model stays as it is where that is right. */
    @Test
    void addedTokensAloneLeaveTheModelAlone() {
        Tokenizer a = bpe("x", "y").added("<s>", 2).in(folder.resolve("a"));
        TokenizerMerge merge = TokenizerMerge.of(
                config(new Source.Base(), Map.of("new", token(null, false))), model("a"), List.of(input("a", a)));
        assertThat(text(merge.files(Optional.empty()), "tokenizer.json"))
                .contains("\"vocab\":{\"x\":0,\"y\":1}", "{\"id\":3,\"content\":\"new\"");
    }

    @Test
    void tokensWithoutEmbeddingAreCutOut() {
        Tokenizer a = bpe("x", "y", "xy", "xyx").merge("x y").merge("xy x").added("<s>", 4).in(folder.resolve("a"));
        put(folder.resolve("a"), "tokenizer_config.json",
                "{\"added_tokens_decoder\": {\"4\": {\"content\": \"<s>\"}}, \"x\": [1, 2]}");
        put(folder.resolve("a"), "added_tokens.json", "{\"<s>\": 4}");
        put(folder.resolve("a"), "tokenizer.model", "any bytes");
        TokenizerMerge merge = TokenizerMerge.of(
                config(new Source.Base(), Map.of()), model("a"), List.of(input("a", a, 3)));
        SequencedMap<String, byte[]> files = merge.files(Optional.empty());
        assertThat(text(files, "tokenizer.json")).isEqualTo(bpe("x", "y", "xy").merge("x y").compact());
        assertThat(text(files, "tokenizer_config.json")).isEqualTo("{\"added_tokens_decoder\": {}, \"x\": [1, 2]}");
        assertThat(text(files, "added_tokens.json")).isEqualTo("{}");
        assertThat(files).doesNotContainKey("tokenizer.model");
    }

    @Test
    void firstElementsAreCutOutToo() {
        Tokenizer a = bpe().token("z", 5).token("x", 0).token("q", 6).token("y", 1).token("w", 7).in(folder.resolve("a"));
        TokenizerMerge merge = TokenizerMerge.of(
                config(new Source.Base(), Map.of()), model("a"), List.of(input("a", a, 2)));
        assertThat(text(merge.files(Optional.empty()), "tokenizer.json")).isEqualTo(bpe("x", "y").compact());
        TokenizerMerge none = TokenizerMerge.of(
                config(new Source.Base(), Map.of("n", token(null, false))), model("a"), List.of(input("a", a, 0)));
        String text = text(none.files(Optional.empty()), "tokenizer.json");
        assertThat(text).contains("\"vocab\":{}", "\"added_tokens\":[{\"id\":0,\"content\":\"n\"");
    }

    @Test
    void configAndListOfAddedTokensFollow() {
        Tokenizer a = bpe("x").added("<s>", 1).in(folder.resolve("a"));
        put(folder.resolve("a"), "tokenizer_config.json", """
                {
                  "added_tokens_decoder": {
                    "1": {
                      "content": "<s>",
                      "special": true
                    }
                  },
                  "bos_token": "<s>"
                }
                """);
        put(folder.resolve("a"), "added_tokens.json", "{\n  \"<s>\": 1\n}\n");
        put(folder.resolve("a"), "special_tokens_map.json", "{\"bos_token\": \"<s>\"}");
        put(folder.resolve("a"), "tokenizer.model", "any bytes");
        Tokenizer b = bpe("x").added("<é>", 1).in(folder.resolve("b"));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        SequencedMap<String, byte[]> files = merge.files(Optional.empty());
        assertThat(text(files, "tokenizer_config.json")).isEqualTo("""
                {
                  "added_tokens_decoder": {
                    "1": {
                      "content": "<s>",
                      "special": true
                    },
                    "2": {
                      "content": "<é>",
                      "lstrip": false,
                      "normalized": false,
                      "rstrip": false,
                      "single_word": false,
                      "special": true
                    }
                  },
                  "bos_token": "<s>"
                }
                """);
        assertThat(text(files, "added_tokens.json")).isEqualTo("{\n  \"<s>\": 1,\n  \"<é>\": 2\n}\n");
        assertThat(text(files, "special_tokens_map.json")).isEqualTo("{\"bos_token\": \"<s>\"}");
        assertThat(files).as("the model splits words as before").containsKey("tokenizer.model");
    }

    @Test
    void olderFilesAreKeptInStep() {
        Path directory = folder.resolve("a");
        put(directory, "merges.txt", "#version: 0.2\nx y\n");
        put(directory, "vocab.json", "{\"x\": 0, \"y\": 1, \"xy\": 2}");
        Tokenizer a = Tokenizer.read(directory).orElseThrow();
        Tokenizer b = bpe("y", "x", "yx").merge("y x").added("<b>", 3).in(folder.resolve("b"));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        SequencedMap<String, byte[]> files = merge.files(Optional.empty());
        assertThat(text(files, "vocab.json")).isEqualTo("{\"x\": 0, \"y\": 1, \"xy\": 2, \"yx\": 3, \"<b>\": 4}");
        assertThat(text(files, "merges.txt")).isEqualTo("#version: 0.2\nx y\ny x\n");
        assertThat(text(files, "added_tokens.json")).isEqualTo("{\n  \"<b>\": 4\n}\n");
    }

    @Test
    void wordPiecesHaveNoGaps() {
        put(folder.resolve("a"), "vocab.txt", "x\n##y\n");
        Tokenizer a = Tokenizer.read(folder.resolve("a")).orElseThrow();
        put(folder.resolve("b"), "vocab.txt", "x\nz\n");
        Tokenizer b = Tokenizer.read(folder.resolve("b")).orElseThrow();
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        assertThat(text(merge.files(Optional.empty()), "vocab.txt")).isEqualTo("x\n##y\nz\n");
        put(folder.resolve("a"), "added_tokens.json", "{\"<s>\": 7}");
        Tokenizer gap = Tokenizer.read(folder.resolve("a")).orElseThrow();
        TokenizerMerge torn = TokenizerMerge.of(union(), model("a"), List.of(input("a", gap), input("b", b)));
        assertThatThrownBy(() -> torn.files(Optional.empty()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("line numbers");
    }

    @Test
    void unigramTokensKeepTheirScores() {
        Tokenizer a = unigram("a", "[[\"<unk>\", 0.0], [\"x\", -2.5]]");
        Tokenizer b = unigram("b", "[[\"<unk>\",0.0],[\"q\",-3.25]]");
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        assertThat(text(merge.files(Optional.empty()), "tokenizer.json"))
                .contains("[[\"<unk>\", 0.0], [\"x\", -2.5], [\"q\", -3.25]]");
        TokenizerMerge cut = TokenizerMerge.of(
                config(new Source.Base(), Map.of()), model("a"), List.of(input("a", a, 1)));
        assertThat(text(cut.files(Optional.empty()), "tokenizer.json")).contains("[[\"<unk>\", 0.0]]");
    }

    private Tokenizer unigram(String name, String list) {
        return TestTokenizer.write(folder.resolve(name), "tokenizer.json",
                "{\"added_tokens\": [], \"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": " + list + "}}");
    }

    @Test
    void oldMergesStayStrings() {
        Tokenizer a = TestTokenizer.write(folder.resolve("a"), "tokenizer.json",
                "{\"added_tokens\":[],\"model\":{\"type\":\"BPE\",\"vocab\":{\"x\":0,\"y\":1,\"xy\":2},\"merges\":[\"x y\"]}}");
        Tokenizer b = bpe("x", "y", "yx").merge("y x").in(folder.resolve("b"));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        SequencedMap<String, byte[]> files = merge.files(Optional.empty());
        assertThat(text(files, "tokenizer.json")).contains("\"merges\":[\"x y\",\"y x\"]");
        Tokenizer again = TestTokenizer.write(folder.resolve("again"), files);
        assertThat(tokens(again.vocabulary())).isEqualTo(tokens(merge.vocabulary()));
        assertThat(again.merges().count()).isEqualTo(2);
    }

    @Test
    void mergesOfTokensThatShareAnIdAreLeftOut() {
        Tokenizer a = bpe("x").in(folder.resolve("a"));
        Tokenizer b = bpe("x").token("y", 1).token("z", 1).token("zx", 2).merge("z x").in(folder.resolve("b"));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(input("a", a), input("b", b)));
        assertThat(text(merge.files(Optional.empty()), "tokenizer.json"))
                .contains("\"vocab\":{\"x\":0,\"y\":1,\"zx\":2}", "\"merges\":[]");
    }

    @Test
    void aListOfAddedTokensIsNeeded() {
        Tokenizer a = TestTokenizer.write(
                folder.resolve("a"), "tokenizer.json", "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"x\":0}}}");
        TokenizerMerge merge = TokenizerMerge.of(
                config(new Source.Base(), Map.of("n", token(null, false))), model("a"), List.of(input("a", a)));
        assertThatThrownBy(() -> merge.files(Optional.empty())).isInstanceOf(CheckpointException.class);
    }

    private static String text(Map<String, byte[]> files, String name) {
        return new String(files.get(name), StandardCharsets.UTF_8);
    }
}
