// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The tokenizer of a model as far as merging needs it: which tokens it has, at which ids, and how words are split into
 * them. Text is never tokenized here. Immutable.
 */
public final class Tokenizer {
    private final Path directory;
    private final ModelKind kind;
    private final Vocabulary vocabulary;
    private final Merges merges;
    private final String prefix;
    private final List<Double> scores;
    private final Optional<String> chatTemplate;

    private Tokenizer(Path directory, TokenizerParts parts, Optional<String> chatTemplate) {
        this.directory = directory;
        this.kind = parts.kind;
        this.vocabulary = new Vocabulary(parts.model, parts.added.values());
        this.merges = Merges.of(parts.mergeParts, parts.mergeParts.size() / 2, parts.prefix, vocabulary);
        this.prefix = parts.prefix;
        this.scores = List.copyOf(parts.scores);
        this.chatTemplate = chatTemplate;
    }

    /**
     * Reads the tokenizer of a model's directory: {@code tokenizer.json}, or the files of older tokenizers
     * ({@code vocab.json} with {@code merges.txt}, or {@code vocab.txt}), with {@code added_tokens.json} and
     * {@code tokenizer_config.json} beside them. Blocking; takes some tenths of a second for 200,000 tokens.
     *
     * @return empty if the directory has no tokenizer at all
     * @throws CheckpointException if a file is damaged, or there is only a SentencePiece model
     */
    public static Optional<Tokenizer> read(Path directory) {
        TokenizerParts parts = new TokenizerParts();
        if (!readModel(directory, parts)) {
            if (exists(directory, TokenizerFiles.SENTENCEPIECE)) {
                throw new CheckpointException(
                        Printable.path(directory.resolve(TokenizerFiles.SENTENCEPIECE)) + ": a SentencePiece model without a"
                                + " tokenizer.json beside it",
                        "Save it as a fast tokenizer: transformers' AutoTokenizer.from_pretrained(DIR)"
                                + ".save_pretrained(DIR).");
            }
            return Optional.empty();
        }
        Optional<String> template = exists(directory, TokenizerFiles.CONFIG)
                ? CompanionReader.config(directory.resolve(TokenizerFiles.CONFIG), parts)
                : Optional.empty();
        if (exists(directory, TokenizerFiles.ADDED)) {
            CompanionReader.addedTokens(directory.resolve(TokenizerFiles.ADDED), parts);
        }
        if (exists(directory, TokenizerFiles.TEMPLATE)) {
            template = Optional.of(JsonInput.text(directory.resolve(TokenizerFiles.TEMPLATE)));
        }
        return Optional.of(new Tokenizer(directory, parts, template));
    }

    private static boolean readModel(Path directory, TokenizerParts parts) {
        if (exists(directory, TokenizerFiles.FAST)) {
            TokenizerJsonReader.read(directory.resolve(TokenizerFiles.FAST), parts);
        } else if (exists(directory, TokenizerFiles.VOCABULARY)) {
            CompanionReader.vocabulary(directory.resolve(TokenizerFiles.VOCABULARY), parts.model);
            parts.kind = ModelKind.WORD_LEVEL;
            if (exists(directory, TokenizerFiles.MERGES)) {
                CompanionReader.merges(directory.resolve(TokenizerFiles.MERGES), parts);
                parts.kind = ModelKind.BPE;
            }
        } else if (exists(directory, TokenizerFiles.WORD_PIECES)) {
            CompanionReader.wordPieces(directory.resolve(TokenizerFiles.WORD_PIECES), parts.model);
            parts.kind = ModelKind.WORD_PIECE;
        } else {
            return false;
        }
        return true;
    }

    private static boolean exists(Path directory, String name) {
        return Files.exists(directory.resolve(name));
    }

    /** Where the files are. */
    public Path directory() {
        return directory;
    }

    /** How words are split. */
    public ModelKind kind() {
        return kind;
    }

    /** All tokens, added ones included. */
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** The template that makes a text of a conversation. */
    public Optional<String> chatTemplate() {
        return chatTemplate;
    }

    /** The merges; none if this is no BPE model. */
    Merges merges() {
        return merges;
    }

    /** What a BPE model puts before tokens inside of a word, or empty. */
    String prefix() {
        return prefix;
    }

    /** Scores by id of a Unigram model. */
    List<Double> scores() {
        return scores;
    }
}
