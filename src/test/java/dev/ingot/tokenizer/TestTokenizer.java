// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.config.ModelReference;
import dev.ingot.config.Position;
import dev.ingot.config.TokenizerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** Writes small tokenizers. */
final class TestTokenizer {
    private final Map<String, Integer> model = new LinkedHashMap<>();
    private final Map<String, Integer> added = new LinkedHashMap<>();
    private final List<String> merges = new ArrayList<>();
    private boolean special = true;

    /** Tokens of the model, with ids from 0. */
    static TestTokenizer bpe(String... tokens) {
        TestTokenizer tokenizer = new TestTokenizer();
        for (String token : tokens) {
            tokenizer.model.put(token, tokenizer.model.size());
        }
        return tokenizer;
    }

    /** A further token of the model. */
    TestTokenizer token(String text, int id) {
        model.put(text, id);
        return this;
    }

    /** An added token. */
    TestTokenizer added(String text, int id) {
        added.put(text, id);
        return this;
    }

    /** Added tokens that are not special. */
    TestTokenizer ordinary() {
        special = false;
        return this;
    }

    /** A merge, as two parts with a blank between. */
    TestTokenizer merge(String merge) {
        merges.add(merge);
        return this;
    }

    /** The text of tokenizer.json on one line. */
    String compact() {
        String tokens = model.entrySet().stream()
                .map(entry -> JsonEditor.quote(entry.getKey()) + ":" + entry.getValue())
                .collect(Collectors.joining(","));
        String list = added.entrySet().stream()
                .map(entry -> "{\"id\":" + entry.getValue() + ",\"content\":" + JsonEditor.quote(entry.getKey())
                        + ",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":"
                        + special + "}")
                .collect(Collectors.joining(","));
        String pairs = merges.stream()
                .map(merge -> "[" + JsonEditor.quote(merge.split(" ")[0]) + "," + JsonEditor.quote(merge.split(" ")[1]) + "]")
                .collect(Collectors.joining(","));
        return "{\"version\":\"1.0\",\"added_tokens\":[" + list + "],\"normalizer\":null,\"model\":{\"type\":\"BPE\","
                + "\"vocab\":{" + tokens + "},\"merges\":[" + pairs + "]}}";
    }

    /** Writes tokenizer.json into a new directory and reads it. */
    Tokenizer in(Path directory) {
        return write(directory, TokenizerFiles.FAST, compact());
    }

    /** Writes a file and reads the tokenizer of the directory. */
    static Tokenizer write(Path directory, String name, String text) {
        put(directory, name, text);
        return Tokenizer.read(directory).orElseThrow();
    }

    /** Writes a file. */
    static void put(Path directory, String name, String text) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes files into a new directory and reads the tokenizer there. */
    static Tokenizer write(Path directory, Map<String, byte[]> files) {
        try {
            Files.createDirectories(directory);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(directory.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Tokenizer.read(directory).orElseThrow();
    }

    static ModelReference model(String name) {
        return ModelReference.of(name);
    }

    /** A model with as many embeddings as its tokenizer has ids. */
    static TokenizerInput input(String name, Tokenizer tokenizer) {
        return input(name, tokenizer, tokenizer.vocabulary().rows());
    }

    static TokenizerInput input(String name, Tokenizer tokenizer, int rows) {
        return new TokenizerInput(model(name), Optional.of(tokenizer), rows);
    }

    static TokenizerConfig union() {
        return config(new TokenizerConfig.Source.Union(), Map.of());
    }

    static TokenizerConfig config(TokenizerConfig.Source source, Map<String, TokenizerConfig.Token> tokens) {
        return new TokenizerConfig(source, tokens, OptionalInt.empty(), Position.NONE);
    }

    static TokenizerConfig.Token token(TokenizerConfig.Embedding embedding, boolean force) {
        return new TokenizerConfig.Token(Optional.ofNullable(embedding), force, Position.NONE);
    }

    /** All tokens by id. */
    static Map<Integer, String> tokens(Vocabulary vocabulary) {
        Map<Integer, String> tokens = new LinkedHashMap<>();
        for (int id = 0; id < vocabulary.rows(); id++) {
            if (vocabulary.token(id) != null) {
                tokens.put(id, vocabulary.token(id));
            }
        }
        return tokens;
    }
}
