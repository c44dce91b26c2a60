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
    /** What is being parsed, for messages; null while outside. */
    private String tensor;
    private String field;

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
        next(JsonToken.START_OBJECT, "an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = wellFormed(parser.currentName());
            if (!names.add(name)) {
                throw error("duplicate name " + Printable.quote(name));
            }
            if (name.equals(SafetensorsHeader.METADATA_KEY)) {
                field = name;
                parseMetadata();
                field = null;
                continue;
            }
            if (entries.size() == MAX_TENSORS) {
                throw error("more than " + MAX_TENSORS + " tensors");
            }
            tensor = name;
            parseEntry();
            tensor = null;
        }
        if (parser.nextToken() != null) {
            throw error("text after the end of the header's object");
        }
    }

    private void parseMetadata() {
        if (parser.nextToken() == JsonToken.VALUE_NULL) {
            return;
        }
        require(JsonToken.START_OBJECT, "an object or null");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = wellFormed(parser.currentName());
            next(JsonToken.VALUE_STRING, "a string");
            metadata.put(key, wellFormed(parser.getString()));
        }
    }

    private void parseEntry() {
        Dtype dtype = null;
        Shape shape = null;
        long[] offsets = null;
        next(JsonToken.START_OBJECT, "an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            field = wellFormed(parser.currentName());
            switch (field) {
                case "dtype" -> {
                    requireFirst(dtype);
                    dtype = parseDtype();
                }
                case "shape" -> {
                    requireFirst(shape);
                    shape = parseShape();
                }
                case "data_offsets" -> {
                    requireFirst(offsets);
                    offsets = unsignedList(2);
                    if (offsets.length != 2) {
                        throw error("two numbers expected, found " + offsets.length);
                    }
                }
                default -> skipValue();
            }
        }
        field = null;
        requirePresent(dtype, "dtype");
        requirePresent(shape, "shape");
        requirePresent(offsets, "data_offsets");
        entries.add(new Entry(tensor, dtype, shape, offsets[0], offsets[1]));
    }

    private Dtype parseDtype() {
        next(JsonToken.VALUE_STRING, "the name of a type");
        String text = parser.getString();
        return Dtype.byName(text).orElseThrow(() -> error("unknown dtype " + Printable.quote(text)));
    }

    private Shape parseShape() {
        long[] dims = unsignedList(MAX_RANK);
        for (long dim : dims) {
            if (dim < 0) {
                throw error("size overflows 64 bits: dimension " + Long.toUnsignedString(dim));
            }
        }
        return Shape.of(dims);
    }

    private long[] unsignedList(int limit) {
        next(JsonToken.START_ARRAY, "a list of integers");
        long[] numbers = new long[Math.min(limit, 4)];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == limit) {
                throw error("more than " + limit + " numbers");
            }
            if (count == numbers.length) {
                numbers = Arrays.copyOf(numbers, Math.min(2 * count, limit));
            }
            numbers[count++] = unsigned();
        }
        return Arrays.copyOf(numbers, count);
    }

    /** serde reads -0 and everything from 2^64 up as a floating-point number, hence as no size. */
    private long unsigned() {
        String text = parser.hasToken(JsonToken.VALUE_NUMBER_INT) ? parser.getString() : "-";
        try {
            if (!text.startsWith("-")) {
                return Long.parseUnsignedLong(text);
            }
        } catch (NumberFormatException e) {
            throw error("number is not below 2^64: " + JsonInput.describe(parser));
        }
        throw error("an integer from 0 expected, found " + JsonInput.describe(parser));
    }

    /** The reference drops unknown fields only after parsing them: strings and numbers in them must be valid too. */
    private void skipValue() {
        int depth = 0;
        do {
            switch (parser.nextToken()) {
                case START_OBJECT, START_ARRAY -> depth++;
                case END_OBJECT, END_ARRAY -> depth--;
                case PROPERTY_NAME -> wellFormed(parser.currentName());
                case VALUE_STRING -> wellFormed(parser.getString());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                    if (Double.isInfinite(Double.parseDouble(parser.getString()))) {
                        throw error("number out of range: " + JsonInput.describe(parser));
                    }
                }
                case null -> throw error("the header ends inside a value");
                default -> { }
            }
        } while (depth > 0);
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

    private void next(JsonToken token, String expected) {
        parser.nextToken();
        require(token, expected);
    }

    private void require(JsonToken token, String expected) {
        if (!parser.hasToken(token)) {
            throw error(expected + " expected, found " + JsonInput.describe(parser));
        }
    }

    private void requireFirst(Object value) {
        if (value != null) {
            throw error("duplicate field");
        }
    }

    private void requirePresent(Object value, String name) {
        if (value == null) {
            throw error("missing field '" + name + "'");
        }
    }

    private CheckpointException error(String what) {
        String where = (tensor == null ? "" : "tensor " + Printable.quote(tensor) + ": ")
                + (field == null ? "" : Printable.escape(Printable.shorten(field)) + ": ");
        return error(parser.currentTokenLocation(), where + what);
    }

    private CheckpointException error(TokenStreamLocation location, String what) {
        return new CheckpointException(
                Printable.path(file) + ": header JSON is invalid at line " + location.getLineNr() + " column "
                        + location.getColumnNr() + ": " + what,
                SafetensorsHeaderReader.BROKEN);
    }
}
