// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The header of one safetensors file that keeps all rules of the format: the tensors tile the data without holes and
 * overlaps, and the data ends with the file. Immutable.
 *
 * @param file      the file
 * @param metadata  the strings of {@code __metadata__}; empty if it is absent
 * @param tensors   the tensors by name, in the order of their data
 * @param dataStart where the data begins, in bytes from the start of the file
 * @param fileSize  size of the file in bytes when the header was read
 */
public record SafetensorsHeader(Path file, SequencedMap<String, String> metadata,
        SequencedMap<String, TensorRef> tensors, long dataStart, long fileSize) {
    /** Largest header that is read or written, in bytes: the reference's limit. */
    public static final long MAX_HEADER_BYTES = 100_000_000;

    /** The key of a header that is no tensor. */
    static final String METADATA_KEY = "__metadata__";
    /** The header's length as an unsigned 64-bit little-endian number comes first. */
    static final int LENGTH_BYTES = 8;

    /** Copies the maps. */
    public SafetensorsHeader {
        metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
        tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
    }

    /** Size of all tensor data in bytes. */
    public long dataBytes() {
        return fileSize - dataStart;
    }
}
