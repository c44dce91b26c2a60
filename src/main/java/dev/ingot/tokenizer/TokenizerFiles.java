// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The files of an output's tokenizer, made in memory from those of a model's directory. */
public final class TokenizerFiles {
    static final String FAST = "tokenizer.json";
    static final String CONFIG = "tokenizer_config.json";
    static final String ADDED = "added_tokens.json";
    static final String VOCABULARY = "vocab.json";
    static final String MERGES = "merges.txt";
    static final String WORD_PIECES = "vocab.txt";
    static final String SENTENCEPIECE = "tokenizer.model";
    /** The file of a template where tokenizer_config.json does not hold it. */
    public static final String TEMPLATE = "chat_template.jinja";

    static final String TEMPLATE_JSON = "chat_template.json";

    private static final List<String> NAMES = List.of(
            CONFIG, "special_tokens_map.json", FAST, SENTENCEPIECE, ADDED, VOCABULARY, WORD_PIECES, MERGES, TEMPLATE,
            TEMPLATE_JSON);

    private TokenizerFiles() {}

    /** The names that files of a tokenizer have, as transformers knows them. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * The files of a model's tokenizer as they are, but for another chat template. Blocking.
     *
     * @param chatTemplate the template, see {@link ChatTemplate}; empty: the model's own
     * @throws CheckpointException if a file cannot be read, or there is no tokenizer to put a template in
     */
    public static SequencedMap<String, byte[]> copy(Path directory, Optional<String> chatTemplate) {
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        for (String name : NAMES) {
            Path file = directory.resolve(name);
            if (Files.isRegularFile(file)) {
                files.put(name, read(file));
            }
        }
        applyTemplate(directory, files, chatTemplate);
        return files;
    }

    static SequencedMap<String, byte[]> of(OutputVocabulary output, Optional<String> chatTemplate) {
        Path directory = output.donor().directory();
        SequencedMap<String, byte[]> files = copy(directory, Optional.empty());
        if (!output.sameAsDonor()) {
            change(directory, output, files);
        }
        applyTemplate(directory, files, chatTemplate);
        return files;
    }

    private static void change(Path directory, OutputVocabulary output, SequencedMap<String, byte[]> files) {
        boolean fast = files.containsKey(FAST);
        files.computeIfPresent(FAST, (name, old) -> TokenizerJsonEditor.edit(directory.resolve(name), output));
        files.computeIfPresent(CONFIG, (name, old) -> Companions.config(directory.resolve(name), output));
        if (files.containsKey(ADDED)) {
            files.put(ADDED, Companions.addedTokens(directory.resolve(ADDED), output));
        } else if (!fast && !Companions.furtherTokens(output).isEmpty()) {
            files.put(ADDED, Companions.addedTokens(output));
        }
        files.computeIfPresent(VOCABULARY, (name, old) -> Companions.vocabulary(directory.resolve(name), output));
        files.computeIfPresent(MERGES, (name, old) -> Companions.merges(directory.resolve(name), output));
        files.computeIfPresent(WORD_PIECES, (name, old) -> Companions.wordPieces(directory.resolve(name), output)
                .orElseGet(() -> withoutRoom(directory.resolve(name), fast)));
        if (output.resplit()) {
            // It would tell slow tokenizers of another vocabulary than tokenizer.json.
            files.remove(SENTENCEPIECE);
        }
    }

    /** What becomes of a file that cannot hold the vocabulary: nothing, if tokenizer.json does. */
    private static byte[] withoutRoom(Path file, boolean fast) {
        if (!fast) {
            throw new CheckpointException(
                    Printable.path(file) + ": tokens cannot be added, because their ids would not be line numbers",
                    "Save the tokenizer as a fast one (tokenizer.json) first.");
        }
        return null;
    }

    private static void applyTemplate(
            Path directory, SequencedMap<String, byte[]> files, Optional<String> chatTemplate) {
        if (chatTemplate.isEmpty()) {
            return;
        }
        if (files.isEmpty()) {
            throw new CheckpointException(
                    Printable.path(directory) + ": has no tokenizer that a chat template could be put in",
                    "Add the tokenizer's files, or remove chat_template.");
        }
        String template = chatTemplate.get();
        if (files.containsKey(CONFIG)) {
            files.put(CONFIG, ChatTemplate.put(directory.resolve(CONFIG), files.get(CONFIG), template));
        }
        if (files.containsKey(TEMPLATE) || !files.containsKey(CONFIG)) {
            files.put(TEMPLATE, template.getBytes(StandardCharsets.UTF_8));
        }
        files.computeIfPresent(
                TEMPLATE_JSON, (name, old) -> ChatTemplate.put(directory.resolve(name), old, template));
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CheckpointException(
                    Printable.path(file) + ": cannot be read (" + e.getClass().getSimpleName() + ")",
                    "Make it readable, or leave tokenizer files alone with --no-copy-tokenizer.",
                    e);
        }
    }
}
