// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A JSON file being copied with changes of some lists and objects; every other character stays as it is. */
final class JsonEditor {
    private final Path file;
    private final JsonParser parser;
    private final TextEdits edits;

    private JsonEditor(Path file, JsonParser parser, TextEdits edits) {
        this.file = file;
        this.parser = parser;
        this.edits = edits;
    }

    /** The file's bytes after the body's changes; the body gets a parser on the first token. */
    static byte[] edit(Path file, Consumer<JsonEditor> body) {
        return edit(file, new TextEdits(JsonInput.text(file)), body);
    }

    /** As {@link #edit(Path, Consumer)}, of a text that was read before. */
    static byte[] edit(Path file, TextEdits edits, Consumer<JsonEditor> body) {
        JsonInput.parse(file, edits.text(), parser -> {
            body.accept(new JsonEditor(file, parser, edits));
            return null;
        });
        return edits.result().getBytes(StandardCharsets.UTF_8);
    }

    Path file() {
        return file;
    }

    JsonParser parser() {
        return parser;
    }

    TextEdits edits() {
        return edits;
    }

    /** The object or list that the parser has just entered. */
    ElementEdits elements(int depth) {
        return new ElementEdits(edits, end(), depth);
    }

    /** Where the current token begins. */
    int start() {
        return (int) parser.currentTokenLocation().getCharOffset();
    }

    /** Behind the current token. */
    int end() {
        if (parser.hasToken(JsonToken.VALUE_STRING)) {
            // Jackson reads strings only when asked for them.
            parser.getString();
        }
        return (int) parser.currentLocation().getCharOffset();
    }

    /** An object from texts to ids: leaves out what the output lacks and adds what is missing. */
    void ids(OutputVocabulary output, Map<String, Integer> all, int depth) {
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
        ElementEdits members = elements(depth);
        Map<String, Integer> missing = new LinkedHashMap<>(all);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int start = start();
            String text = parser.currentName();
            parser.nextToken();
            boolean keep = output.keeps(Json.id(file, parser, text));
            members.element(start, end(), keep);
            if (keep) {
                missing.remove(text);
            }
        }
        List<String> additions = new ArrayList<>();
        missing.forEach((text, id) -> additions.add(members.member(text, Integer.toString(id))));
        members.end(additions);
    }

    /** The list {@code added_tokens} of tokenizer.json. */
    void addedTokens(OutputVocabulary output, int depth) {
        JsonInput.expect(file, parser, JsonToken.START_ARRAY, "added_tokens: a list");
        ElementEdits elements = elements(depth);
        Set<String> present = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            int start = start();
            AddedToken token = Json.addedToken(file, parser, id -> id);
            elements.element(start, end(), output.keeps(token.id()));
            if (output.keeps(token.id())) {
                present.add(token.content());
            }
        }
        List<String> additions = new ArrayList<>();
        for (AddedToken token : output.vocabulary().addedTokens()) {
            if (!present.contains(token.content())) {
                List<String> fields = new ArrayList<>();
                fields.add(elements.member("id", Integer.toString(token.id())));
                fields.add(elements.member("content", quote(token.content())));
                fields.add(elements.member("single_word", Boolean.toString(token.singleWord())));
                fields.add(elements.member("lstrip", Boolean.toString(token.lstrip())));
                fields.add(elements.member("rstrip", Boolean.toString(token.rstrip())));
                fields.add(elements.member("normalized", Boolean.toString(token.normalized())));
                fields.add(elements.member("special", Boolean.toString(token.special())));
                additions.add(elements.nested('{', fields, '}'));
            }
        }
        elements.end(additions);
    }

    /** The object {@code added_tokens_decoder} of tokenizer_config.json. */
    void decoder(OutputVocabulary output, int depth) {
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "added_tokens_decoder: an object");
        ElementEdits members = elements(depth);
        Set<String> present = new HashSet<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int start = start();
            int id = CompanionReader.decoderId(file, parser);
            parser.nextToken();
            AddedToken token = Json.addedToken(file, parser, ignored -> id);
            members.element(start, end(), output.keeps(id));
            if (output.keeps(id)) {
                present.add(token.content());
            }
        }
        List<String> additions = new ArrayList<>();
        for (AddedToken token : output.vocabulary().addedTokens()) {
            if (!present.contains(token.content())) {
                List<String> fields = new ArrayList<>();
                fields.add(members.member("content", quote(token.content())));
                fields.add(members.member("lstrip", Boolean.toString(token.lstrip())));
                fields.add(members.member("normalized", Boolean.toString(token.normalized())));
                fields.add(members.member("rstrip", Boolean.toString(token.rstrip())));
                fields.add(members.member("single_word", Boolean.toString(token.singleWord())));
                fields.add(members.member("special", Boolean.toString(token.special())));
                additions.add(members.member(
                        Integer.toString(token.id()), members.nested('{', fields, '}')));
            }
        }
        members.end(additions);
    }

    /** A JSON string. */
    static String quote(String text) {
        return JsonText.SERDE.append(new StringBuilder(), text).toString();
    }
}
