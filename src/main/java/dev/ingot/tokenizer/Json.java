// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.Printable;
import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.ToIntFunction;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Values that the files of a tokenizer share. All methods look at the parser's current token. */
final class Json {
    private Json() {}

    /** A string that can be written as UTF-8: the tokenizers library refuses half of a surrogate pair. */
    static String text(Path file, JsonParser parser, String what) {
        JsonInput.expect(file, parser, JsonToken.VALUE_STRING, what + ": a string");
        return wellFormed(file, parser, parser.getString());
    }

    /** The name of the current member. */
    static String name(Path file, JsonParser parser) {
        return wellFormed(file, parser, parser.currentName());
    }

    /** An id in the range of {@link Vocabulary}. */
    static int id(Path file, JsonParser parser, String what) {
        if (parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
            long id = parser.getLongValue();
            if (id >= 0 && id < Vocabulary.MAX_TOKENS) {
                return (int) id;
            }
        }
        throw JsonInput.error(file, parser, Printable.quote(what) + ": an id from 0 to " + (Vocabulary.MAX_TOKENS - 1)
                + " expected, found " + JsonInput.describe(parser));
    }

    /** True or false. */
    static boolean flag(Path file, JsonParser parser, String what) {
        if (!parser.hasToken(JsonToken.VALUE_TRUE) && !parser.hasToken(JsonToken.VALUE_FALSE)) {
            throw JsonInput.error(
                    file, parser, what + ": true or false expected, found " + JsonInput.describe(parser));
        }
        return parser.getBooleanValue();
    }

    /** An object from texts to ids, put into a map. */
    static void ids(Path file, JsonParser parser, String what, Map<String, Integer> into) {
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, what + ": an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String text = name(file, parser);
            if (into.size() == Vocabulary.MAX_TOKENS) {
                throw JsonInput.error(file, parser, "more than " + Vocabulary.MAX_TOKENS + " tokens");
            }
            parser.nextToken();
            into.put(text, id(file, parser, text));
        }
    }

    /** The settings of an added token, an object with {@code content} and flags. */
    static AddedToken addedToken(Path file, JsonParser parser, ToIntFunction<Integer> id) {
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an added token: an object");
        String content = null;
        int found = -1;
        boolean singleWord = false;
        boolean lstrip = false;
        boolean rstrip = false;
        Boolean normalized = null;
        boolean special = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "id" -> found = id(file, parser, field);
                case "content" -> content = text(file, parser, field);
                case "single_word" -> singleWord = flag(file, parser, field);
                case "lstrip" -> lstrip = flag(file, parser, field);
                case "rstrip" -> rstrip = flag(file, parser, field);
                case "normalized" -> normalized = flag(file, parser, field);
                case "special" -> special = flag(file, parser, field);
                default -> parser.skipChildren();
            }
        }
        if (content == null) {
            throw JsonInput.error(file, parser, "an added token has no 'content'");
        }
        found = id.applyAsInt(found);
        if (found < 0) {
            throw JsonInput.error(file, parser, "added token " + Printable.quote(content) + " has no 'id'");
        }
        boolean looked = normalized == null ? !special : normalized;
        return new AddedToken(found, content, singleWord, lstrip, rstrip, looked, special);
    }

    private static String wellFormed(Path file, JsonParser parser, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c) || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw JsonInput.error(file, parser, "half of a surrogate pair in " + Printable.quote(text));
                }
                i++;
            }
        }
        return text;
    }

    /** The error for a set of files that makes no tokenizer. */
    static CheckpointException broken(Path file, String what) {
        return new CheckpointException(
                Printable.path(file) + ": " + what, "Correct the file or download the model again.");
    }
}
