// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the files beside {@code tokenizer.json}, and those that older tokenizers have instead of it. */
final class CompanionReader {
    private CompanionReader() {}

    /** {@code vocab.json}, an object from texts to ids. */
    static void vocabulary(Path file, Map<String, Integer> into) {
        JsonInput.parse(file, parser -> {
            Json.ids(file, parser, "vocabulary", into);
            return null;
        });
        if (into.isEmpty()) {
            throw Json.broken(file, "the vocabulary is empty");
        }
    }

    /** {@code merges.txt}: one merge a line, below a line with the version. */
    static void merges(Path file, TokenizerParts parts) {
        int number = 0;
        for (String line : (Iterable<String>) JsonInput.text(file).lines()::iterator) {
            number++;
            if (line.isEmpty() || line.startsWith("#version")) {
                continue;
            }
            int blank = line.indexOf(' ');
            if (blank < 0 || line.indexOf(' ', blank + 1) >= 0) {
                throw new CheckpointException(
                        Printable.path(file) + ":" + number + ": a merge must be two tokens, found "
                                + Printable.quote(line),
                        "Correct the file or download the model again.");
            }
            if (parts.mergeParts.size() == 2 * TokenizerParts.MAX_MERGES) {
                throw Json.broken(file, "more than " + TokenizerParts.MAX_MERGES + " merges");
            }
            parts.mergeParts.add(line.substring(0, blank));
            parts.mergeParts.add(line.substring(blank + 1));
        }
    }

    /** {@code vocab.txt}: one token a line, the line's number from 0 is its id. */
    static void wordPieces(Path file, Map<String, Integer> into) {
        int id = 0;
        for (String line : (Iterable<String>) JsonInput.text(file).lines()::iterator) {
            if (id == Vocabulary.MAX_TOKENS) {
                throw Json.broken(file, "more than " + Vocabulary.MAX_TOKENS + " tokens");
            }
            into.put(line, id++);
        }
        if (into.isEmpty()) {
            throw Json.broken(file, "the vocabulary is empty");
        }
    }

    /** {@code added_tokens.json}, an object from texts to ids. Its tokens have the settings of special ones. */
    static void addedTokens(Path file, TokenizerParts parts) {
        Map<String, Integer> ids = new HashMap<>();
        JsonInput.parse(file, parser -> {
            Json.ids(file, parser, "added tokens", ids);
            return null;
        });
        Set<Integer> taken = taken(parts);
        ids.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> parts.addFurther(
                        new AddedToken(entry.getValue(), entry.getKey(), false, false, false, false, true), taken));
    }

    /**
     * {@code tokenizer_config.json}: the tokens under {@code added_tokens_decoder} go into the parts.
     *
     * @return the chat template; of several the one named {@code default}
     */
    static Optional<String> config(Path file, TokenizerParts parts) {
        return JsonInput.parse(file, parser -> {
            Optional<String> template = Optional.empty();
            JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "added_tokens_decoder" -> decoder(file, parser, parts);
                    case "chat_template" -> template = template(file, parser);
                    default -> parser.skipChildren();
                }
            }
            return template;
        });
    }

    private static void decoder(Path file, JsonParser parser, TokenizerParts parts) {
        if (parser.hasToken(JsonToken.VALUE_NULL)) {
            return;
        }
        Set<Integer> taken = taken(parts);
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "added_tokens_decoder: an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            int id = decoderId(file, parser);
            parser.nextToken();
            parts.addFurther(Json.addedToken(file, parser, ignored -> id), taken);
        }
    }

    /** The id that is the name of the current member. */
    static int decoderId(Path file, JsonParser parser) {
        String name = parser.currentName();
        if (name.matches("[0-9]{1,9}") && Integer.parseInt(name) < Vocabulary.MAX_TOKENS) {
            return Integer.parseInt(name);
        }
        throw JsonInput.error(file, parser, "added_tokens_decoder: an id from 0 to " + (Vocabulary.MAX_TOKENS - 1)
                + " expected, found " + Printable.quote(name));
    }

    private static Optional<String> template(Path file, JsonParser parser) {
        if (parser.hasToken(JsonToken.VALUE_STRING)) {
            return Optional.of(parser.getString());
        }
        if (!parser.hasToken(JsonToken.START_ARRAY)) {
            parser.skipChildren();
            return Optional.empty();
        }
        Optional<String> found = Optional.empty();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            JsonInput.expect(file, parser, JsonToken.START_OBJECT, "a chat template: an object");
            Map<String, String> fields = new HashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    fields.put(field, parser.getString());
                }
                parser.skipChildren();
            }
            if ("default".equals(fields.get("name"))) {
                found = Optional.ofNullable(fields.get("template"));
            }
        }
        return found;
    }

    private static Set<Integer> taken(TokenizerParts parts) {
        Set<Integer> taken = new HashSet<>(parts.model.values());
        parts.added.values().forEach(token -> taken.add(token.id()));
        return taken;
    }
}
