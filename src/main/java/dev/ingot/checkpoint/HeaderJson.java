// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory.Feature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * The JSON text of a header as entries, before the rules about offsets are applied. Accepts what serde_json accepts in
 * the reference, less the deviations listed in {@code docs/formats.md}; the limits below are among them.
 */
final class HeaderJson {
    /** serde_json counts the outermost object as 1 and refuses 128. */
    private static final int MAX_DEPTH = 127;
    static final int MAX_TENSORS = 1_000_000;
    static final int MAX_NAME = 1 << 16;
    static final int MAX_STRING = 1 << 24;
    static final int MAX_NUMBER = 1000;
    static final int MAX_RANK = 256;

    /** See {@link JsonInput} about the symbol table; duplicate keys are allowed in the metadata, so checked here. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNameLength(MAX_NAME)
                    .maxStringLength(MAX_STRING)
                    .maxNumberLength(MAX_NUMBER)
                    .build())
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
            .disable(Feature.CANONICALIZE_PROPERTY_NAMES)
            .build();

    /** A tensor as the header describes it. Offsets are unsigned and relative to the data. */
    record Entry(String name, Dtype dtype, Shape shape, long begin, long end) {}

    private final Path file;
    private final JsonParser parser;
    private final List<Entry> entries = new ArrayList<>();
    private final SequencedMap<String, String> metadata = new LinkedHashMap<>();

    private HeaderJson(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /** The tensors in the order of the text; the caller may sort the list. */
    List<Entry> entries() {
        return entries;
    }

    /** The strings of {@code __metadata__}. */
    SequencedMap<String, String> metadata() {
        return metadata;
    }

    static HeaderJson parse(Path file, InputStream in) throws IOException {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), JsonInput.utf8(in))) {
            HeaderJson header = new HeaderJson(file, parser);
            try {
                header.parseHeader();
            } catch (JacksonIOException e) {
                throw e.getCause();
            } catch (JacksonException e) {
                throw header.error(JsonInput.location(e, parser), JsonInput.reason(e));
            }
            return header;
        }
    }

    private void parseHeader() {
        Set<String> names = new HashSet<>();
        next(JsonToken.START_OBJECT, "an object", "the header");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = wellFormed(parser.currentName());
            if (!names.add(name)) {
                throw error("duplicate name " + Printable.quote(name));
            }
            if (name.equals(SafetensorsHeader.METADATA_KEY)) {
                parseMetadata();
                continue;
            }
            if (entries.size() == MAX_TENSORS) {
                throw error("more than " + MAX_TENSORS + " tensors");
            }
            parseEntry(name, "tensor " + Printable.quote(name));
        }
        if (parser.nextToken() != null) {
            throw error("text after the end of the header's object");
        }
    }

    private void parseMetadata() {
        if (parser.nextToken() == JsonToken.VALUE_NULL) {
            return;
        }
        require(JsonToken.START_OBJECT, "an object or null", SafetensorsHeader.METADATA_KEY);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = wellFormed(parser.currentName());
            next(JsonToken.VALUE_STRING, "a string", "metadata " + Printable.quote(key));
            metadata.put(key, wellFormed(parser.getString()));
        }
    }

    private void parseEntry(String name, String where) {
        Dtype dtype = null;
        Shape shape = null;
        long[] offsets = null;
        next(JsonToken.START_OBJECT, "an object", where);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = wellFormed(parser.currentName());
            switch (field) {
                case "dtype" -> {
                    unseen(dtype, field, where);
                    next(JsonToken.VALUE_STRING, "a dtype name", where + ": dtype");
                    String text = parser.getString();
                    dtype = Dtype.byName(text).orElseThrow(
                            () -> error(where + ": unknown dtype " + Printable.quote(text)));
                }
                case "shape" -> {
                    unseen(shape, field, where);
                    shape = parseShape(where + ": shape");
                }
                case "data_offsets" -> {
                    unseen(offsets, field, where);
                    offsets = unsignedList(where + ": data_offsets", 2);
                    if (offsets.length != 2) {
                        throw error(where + ": data_offsets: two numbers expected, found " + offsets.length);
                    }
                }
                default -> skipValue(where);
            }
        }
        present(dtype, "dtype", where);
        present(shape, "shape", where);
        present(offsets, "data_offsets", where);
        entries.add(new Entry(name, dtype, shape, offsets[0], offsets[1]));
    }

    private Shape parseShape(String where) {
        long[] dims = unsignedList(where, MAX_RANK);
        for (long dim : dims) {
            if (dim < 0) {
                throw error(where + ": size overflows 64 bits: dimension " + Long.toUnsignedString(dim));
            }
        }
        return Shape.of(dims);
    }

    private long[] unsignedList(String where, int limit) {
        next(JsonToken.START_ARRAY, "a list of integers", where);
        long[] numbers = new long[Math.min(limit, 8)];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == limit) {
                throw error(where + ": more than " + limit + " numbers");
            }
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, Math.min(2 * count, limit));
            }
            numbers[count++] = unsigned(where);
        }
        return Arrays.copyOf(numbers, count);
    }

    /** serde reads -0 and everything from 2^64 up as a floating-point number, hence as no size. */
    private long unsigned(String where) {
        String text = parser.hasToken(JsonToken.VALUE_NUMBER_INT) ? parser.getString() : "-";
        try {
            if (!text.startsWith("-")) {
                return Long.parseUnsignedLong(text);
            }
        } catch (NumberFormatException e) {
            throw error(where + ": number is not below 2^64: " + JsonInput.describe(parser));
        }
        throw error(where + ": an integer from 0 expected, found " + JsonInput.describe(parser));
    }

    /** The reference drops unknown fields only after parsing them: strings and numbers in them must be valid too. */
    private void skipValue(String where) {
        int depth = 0;
        do {
            switch (parser.nextToken()) {
                case START_OBJECT, START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case PROPERTY_NAME -> wellFormed(parser.currentName());
                case VALUE_STRING -> wellFormed(parser.getString());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                    if (Double.isInfinite(Double.parseDouble(parser.getString()))) {
                        throw error(where + ": number out of range: " + JsonInput.describe(parser));
                    }
                }
                case null -> throw error(where + ": the header ends inside a value");
                default -> { }
            }
        } while (depth > 0 || parser.hasToken(JsonToken.PROPERTY_NAME));
    }

    private String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    throw error("lone surrogate in " + Printable.quote(text));
                }
                i++;
            }
        }
        return text;
    }

    private void next(JsonToken token, String expected, String where) {
        parser.nextToken();
        require(token, expected, where);
    }

    private void require(JsonToken token, String expected, String where) {
        if (!parser.hasToken(token)) {
            throw error(where + ": " + expected + " expected, found " + JsonInput.describe(parser));
        }
    }

    private void unseen(Object value, String field, String where) {
        if (value != null) {
            throw error(where + ": duplicate field '" + field + "'");
        }
    }

    private void present(Object value, String field, String where) {
        if (value == null) {
            throw error(where + ": missing field '" + field + "'");
        }
    }

    private CheckpointException error(String what) {
        return error(parser.currentTokenLocation(), what);
    }

    private CheckpointException error(TokenStreamLocation location, String what) {
        return new CheckpointException(
                Printable.path(file) + ": header JSON is invalid at line " + location.getLineNr() + " column "
                        + location.getColumnNr() + ": " + what,
                SafetensorsHeaderReader.BROKEN);
    }
}
