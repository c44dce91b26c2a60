// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory.Feature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.core.util.JsonRecyclerPools;

/** Reads JSON files (config.json, shard indexes, tokenizers) token by token and places every error at line:column. */
public final class JsonInput {
    private static final int MAX_STRING = 1 << 24;
    private static final int MAX_NAME = 1 << 16;
    /** As many as the header of a single safetensors file may have; real ones stay below 20 MB. */
    private static final long MAX_DOCUMENT = 100_000_000;

    /**
     * Python writes and reads NaN, Infinity and -Infinity (Mamba's {@code time_step_limit} holds one). Names are not
     * kept in Jackson's symbol table, whose guard against colliding hashes would refuse crafted but valid files.
     */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxDocumentLength(MAX_DOCUMENT)
                    .maxStringLength(MAX_STRING)
                    .maxNameLength(MAX_NAME)
                    .build())
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .disable(Feature.CANONICALIZE_PROPERTY_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private JsonInput() {}

    /**
     * Opens the file, hands over a parser that stands on the first token, and requires that the body leaves nothing
     * behind.
     *
     * @throws CheckpointException if the file cannot be read, is not UTF-8 or not JSON
     */
    public static <T> T parse(Path file, Function<JsonParser, T> body) {
        FileFaults.requireRegularFile(file);
        try (InputStream in = Files.newInputStream(file);
                JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), utf8(in))) {
            return parse(file, parser, body);
        } catch (IOException e) {
            throw FileFaults.unreadable(file, e);
        }
    }

    /**
     * As {@link #parse(Path, Function)}, of a text that was read before. The parser's locations count characters
     * (UTF-16 units) of the text, so that a body can tell where a value stands in it.
     *
     * @param file where the text came from, for messages
     */
    public static <T> T parse(Path file, String text, Function<JsonParser, T> body) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), new StringReader(text))) {
            return parse(file, parser, body);
        } catch (IOException e) {
            throw FileFaults.unreadable(file, e);
        }
    }

    /**
     * The text of a file. Encoding it as UTF-8 gives the file's bytes again.
     *
     * @throws CheckpointException if the file cannot be read, is not UTF-8 or is larger than any JSON file may be
     */
    public static String text(Path file) {
        FileFaults.requireRegularFile(file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes((int) MAX_DOCUMENT + 1);
            if (bytes.length > MAX_DOCUMENT) {
                throw new CheckpointException(
                        Printable.path(file) + ": larger than " + MAX_DOCUMENT + " bytes", "Download the file again.");
            }
            return decode(file, bytes);
        } catch (IOException e) {
            throw FileFaults.unreadable(file, e);
        }
    }

    /**
     * The text of a file's bytes.
     *
     * @param file where the bytes came from, for messages
     * @throws CheckpointException if they are not UTF-8
     */
    public static String decode(Path file, byte[] utf8) {
        try {
            return StandardCharsets.UTF_8.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw notUtf8(file, e);
        }
    }

    private static <T> T parse(Path file, JsonParser parser, Function<JsonParser, T> body) throws IOException {
        try {
            parser.nextToken();
            T result = body.apply(parser);
            if (parser.nextToken() != null) {
                throw error(file, parser, "text after the end of the JSON value");
            }
            return result;
        } catch (JacksonIOException e) {
            if (e.getCause() instanceof CharacterCodingException) {
                throw notUtf8(file, e);
            }
            throw e.getCause();
        } catch (JacksonException e) {
            throw new CheckpointException(at(file, location(e, parser)) + ": not valid JSON: " + reason(e),
                    "Correct the file or download it again.", e);
        }
    }

    private static CheckpointException notUtf8(Path file, Exception cause) {
        return new CheckpointException(
                Printable.path(file) + ": is not valid UTF-8", "Save the file as UTF-8 text.", cause);
    }

    /** An error at the parser's current token. */
    public static CheckpointException error(Path file, JsonParser parser, String what) {
        return new CheckpointException(at(file, parser.currentTokenLocation()) + ": " + what,
                "Correct the file or download it again.");
    }

    /** Requires that the parser stands on this kind of token. */
    public static void expect(Path file, JsonParser parser, JsonToken token, String what) {
        if (!parser.hasToken(token)) {
            throw error(file, parser, what + " expected, found " + describe(parser));
        }
    }

    /** What the parser's current token is, in words for a message. */
    public static String describe(JsonParser parser) {
        JsonToken token = parser.currentToken();
        return switch (token) {
            case null -> "the end of the text";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "the string " + Printable.quote(parser.getString());
            case VALUE_NULL -> "null";
            case VALUE_TRUE, VALUE_FALSE, VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> shorten(parser.getString());
            default -> "'" + token.asString() + "'";
        };
    }

    /** The parser's own message on one line, without its hint at the source. */
    static String reason(JacksonException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("");
        int marker = message.indexOf(" (start marker at");
        return Printable.escape(Printable.shorten(marker < 0 ? message : message.substring(0, marker)));
    }

    /** Where the parser stopped; errors about limits do not know it themselves. */
    static TokenStreamLocation location(JacksonException e, JsonParser parser) {
        return e.getLocation() != null ? e.getLocation() : parser.currentLocation();
    }

    /** A reader that refuses malformed UTF-8. */
    static Reader utf8(InputStream in) {
        return new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT));
    }

    private static String shorten(String number) {
        return number.length() <= 40 ? number : number.substring(0, 40) + "...";
    }

    private static String at(Path file, TokenStreamLocation location) {
        // The end of an empty file is at column 0 for Jackson.
        return Printable.path(file) + ":" + location.getLineNr() + ":" + Math.max(1, location.getColumnNr());
    }
}
