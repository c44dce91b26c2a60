// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads {@code tokenizer.json} of the tokenizers library: its model's vocabulary and merges, and added tokens. */
final class TokenizerJsonReader {
    private final Path file;
    private final JsonParser parser;
    private final TokenizerParts parts;
    private boolean vocabularyIsList;
    private boolean hasMerges;
    private boolean hasWordPiecePrefix;
    private boolean hasModel;

    private TokenizerJsonReader(Path file, JsonParser parser, TokenizerParts parts) {
        this.file = file;
        this.parser = parser;
        this.parts = parts;
    }

    /**
     * Reads the file into the parts.
     *
     * @throws CheckpointException if it is no such file; with line and column
     */
    static void read(Path file, TokenizerParts parts) {
        JsonInput.parse(file, parser -> {
            TokenizerJsonReader reader = new TokenizerJsonReader(file, parser, parts);
            reader.readTop();
            return null;
        });
    }

    private void readTop() {
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "added_tokens" -> readAdded();
                case "model" -> readModel();
                default -> parser.skipChildren();
            }
        }
        if (!hasModel) {
            throw JsonInput.error(file, parser, "a tokenizer has no 'model'");
        }
    }

    private void readAdded() {
        if (parser.hasToken(JsonToken.VALUE_NULL)) {
            return;
        }
        JsonInput.expect(file, parser, JsonToken.START_ARRAY, "added_tokens: a list");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            AddedToken token = Json.addedToken(file, parser, id -> id);
            parts.added.putIfAbsent(token.content(), token);
            if (parts.added.size() > Vocabulary.MAX_TOKENS) {
                throw JsonInput.error(file, parser, "more than " + Vocabulary.MAX_TOKENS + " added tokens");
            }
        }
    }

    private void readModel() {
        hasModel = true;
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "model: an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "type" -> readKind();
                case "vocab" -> readVocabulary();
                case "merges" -> readMerges();
                case "continuing_subword_prefix" -> {
                    hasWordPiecePrefix = true;
                    if (!parser.hasToken(JsonToken.VALUE_NULL)) {
                        parts.prefix = Json.text(file, parser, field);
                    }
                }
                default -> parser.skipChildren();
            }
        }
        if (parts.kind == null) {
            parts.kind = inferredKind();
        }
        if (vocabularyIsList != (parts.kind == ModelKind.UNIGRAM)) {
            throw JsonInput.error(file, parser, "the vocabulary of a " + parts.kind.text() + " model is "
                    + (vocabularyIsList ? "a list" : "not a list"));
        }
        if (parts.model.isEmpty()) {
            throw JsonInput.error(file, parser, "the model has no vocabulary");
        }
    }

    private void readKind() {
        String text = Json.text(file, parser, "type");
        parts.kind = ModelKind.of(text).orElseThrow(() -> JsonInput.error(
                file, parser, "unknown kind of tokenizer model " + Printable.quote(text)));
    }

    /** Files of before 2020 do not name the kind; the library tells it from the fields, too. */
    private ModelKind inferredKind() {
        if (hasMerges) {
            return ModelKind.BPE;
        }
        if (vocabularyIsList) {
            return ModelKind.UNIGRAM;
        }
        return hasWordPiecePrefix ? ModelKind.WORD_PIECE : ModelKind.WORD_LEVEL;
    }

    private void readVocabulary() {
        vocabularyIsList = parser.hasToken(JsonToken.START_ARRAY);
        if (!vocabularyIsList) {
            Json.ids(file, parser, "vocab", parts.model);
            return;
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parts.scores.size() == Vocabulary.MAX_TOKENS) {
                throw JsonInput.error(file, parser, "more than " + Vocabulary.MAX_TOKENS + " tokens");
            }
            JsonInput.expect(file, parser, JsonToken.START_ARRAY, "a pair of token and score");
            parser.nextToken();
            String text = Json.text(file, parser, "token");
            parser.nextToken();
            if (!parser.hasToken(JsonToken.VALUE_NUMBER_FLOAT) && !parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
                throw JsonInput.error(file, parser, "a score expected, found " + JsonInput.describe(parser));
            }
            parts.model.put(text, parts.scores.size());
            parts.scores.add(parser.getDoubleValue());
            parser.nextToken();
            JsonInput.expect(file, parser, JsonToken.END_ARRAY, "the end of a pair");
        }
    }

    private void readMerges() {
        hasMerges = true;
        JsonInput.expect(file, parser, JsonToken.START_ARRAY, "merges: a list");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parts.mergeParts.size() == 2 * TokenizerParts.MAX_MERGES) {
                throw JsonInput.error(file, parser, "more than " + TokenizerParts.MAX_MERGES + " merges");
            }
            readMerge(file, parser, parts.mergeParts::add);
        }
    }

    /** Hands over the two parts of a merge, which is a pair or, in older files, a string with one blank. */
    static void readMerge(Path file, JsonParser parser, Consumer<String> part) {
        if (parser.hasToken(JsonToken.VALUE_STRING)) {
            String text = Json.text(file, parser, "a merge");
            int blank = text.indexOf(' ');
            if (blank < 0 || text.indexOf(' ', blank + 1) >= 0) {
                throw JsonInput.error(
                        file, parser, "a merge must be two tokens, found " + Printable.quote(text));
            }
            part.accept(text.substring(0, blank));
            part.accept(text.substring(blank + 1));
            return;
        }
        JsonInput.expect(file, parser, JsonToken.START_ARRAY, "a merge: a pair of tokens");
        for (int i = 0; i < 2; i++) {
            parser.nextToken();
            part.accept(Json.text(file, parser, "part of a merge"));
        }
        parser.nextToken();
        JsonInput.expect(file, parser, JsonToken.END_ARRAY, "the end of a merge");
    }
}
