// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Copies a {@code tokenizer.json} with another vocabulary. */
final class TokenizerJsonEditor {
    private final JsonEditor editor;
    private final Path file;
    private final JsonParser parser;
    private final OutputVocabulary output;

    private TokenizerJsonEditor(JsonEditor editor, OutputVocabulary output) {
        this.editor = editor;
        this.file = editor.file();
        this.parser = editor.parser();
        this.output = output;
    }

    /**
     * The new content of a file.
     *
     * @throws CheckpointException if the file cannot be read, or its form has no room for the vocabulary
     */
    static byte[] edit(Path file, OutputVocabulary output) {
        return JsonEditor.edit(file, editor -> new TokenizerJsonEditor(editor, output).top());
    }

    private void top() {
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
        boolean hasAdded = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("added_tokens") && parser.hasToken(JsonToken.START_ARRAY)) {
                hasAdded = true;
                editor.addedTokens(output, 2);
            } else if (field.equals("model")) {
                model();
            } else {
                parser.skipChildren();
            }
        }
        if (!hasAdded && !output.vocabulary().addedTokens().isEmpty()) {
            throw Json.broken(file, "has no list 'added_tokens', and tokens must be added");
        }
    }

    private void model() {
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "model: an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "vocab" -> {
                    if (parser.hasToken(JsonToken.START_ARRAY)) {
                        scoredTokens();
                    } else {
                        Map<String, Integer> tokens = new LinkedHashMap<>();
                        output.newTokens().forEach(token -> tokens.put(token.text(), token.id()));
                        editor.ids(output, tokens, 3);
                    }
                }
                case "merges" -> merges();
                default -> parser.skipChildren();
            }
        }
    }

    /** The list of a Unigram model, where a token's place is its id. */
    private void scoredTokens() {
        ElementEdits elements = editor.elements(3);
        int id = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            int start = editor.start();
            parser.skipChildren();
            elements.element(start, editor.end(), output.keeps(id++));
        }
        id = Math.min(id, output.limit());
        List<String> additions = new ArrayList<>();
        for (NewToken token : output.newTokens()) {
            requirePlace(file, token, id++);
            additions.add(elements.nested(
                    '[', List.of(JsonEditor.quote(token.text()), Double.toString(token.score())), ']'));
        }
        elements.end(additions);
    }

    /** Requires that the next place in a list is the token's id. */
    static void requirePlace(Path file, NewToken token, int place) {
        if (token.id() != place) {
            throw new CheckpointException(
                    Printable.path(file) + ": tokens cannot be added, because id " + place
                            + " has none and this kind of file has no gaps",
                    "Take the tokenizer of another model, with tokenizer_source.");
        }
    }

    private void merges() {
        JsonInput.expect(file, parser, JsonToken.START_ARRAY, "merges: a list");
        ElementEdits elements = editor.elements(3);
        boolean stripped = output.limit() < output.donor().vocabulary().rows();
        boolean strings = false;
        List<String> parts = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            int start = editor.start();
            strings |= parser.hasToken(JsonToken.VALUE_STRING);
            parts.clear();
            TokenizerJsonReader.readMerge(file, parser, parts::add);
            elements.element(start, editor.end(), !stripped || Companions.keepsMerge(output, parts));
        }
        List<String> additions = new ArrayList<>();
        for (int i = 0; i < output.mergeParts().size(); i += 2) {
            String left = output.mergeParts().get(i);
            String right = output.mergeParts().get(i + 1);
            if (!strings) {
                additions.add(elements.nested('[', List.of(JsonEditor.quote(left), JsonEditor.quote(right)), ']'));
            } else if (left.indexOf(' ') < 0 && right.indexOf(' ') < 0) {
                additions.add(JsonEditor.quote(left + " " + right));
            }
        }
        elements.end(additions);
    }
}
