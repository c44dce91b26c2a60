// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;

/** The rules that the entries of a header keep among each other and towards the file, in the reference's order. */
final class HeaderRules {
    private static final Comparator<HeaderJson.Entry> BY_OFFSET = Comparator
            .comparing(HeaderJson.Entry::begin, Long::compareUnsigned)
            .thenComparing(HeaderJson.Entry::end, Long::compareUnsigned);

    private final Path file;
    /** Where the next tensor has to begin, relative to the data; an unsigned number, as all offsets here. */
    private long cursor;
    private HeaderJson.Entry previous;

    private HeaderRules(Path file) {
        this.file = file;
    }

    static SafetensorsHeader check(Path file, HeaderJson json, long dataStart, long fileSize) {
        HeaderRules rules = new HeaderRules(file);
        List<HeaderJson.Entry> entries = json.entries();
        entries.sort(BY_OFFSET);
        entries.forEach(rules::checkEntry);
        rules.checkEnd(fileSize - dataStart);
        SequencedMap<String, TensorRef> tensors = LinkedHashMap.newLinkedHashMap(entries.size());
        for (HeaderJson.Entry entry : entries) {
            tensors.put(entry.name(), new TensorRef(entry.name(), entry.dtype(), entry.shape(), file,
                    dataStart + entry.begin(), entry.end() - entry.begin()));
        }
        return new SafetensorsHeader(file, json.metadata(), tensors, dataStart, fileSize);
    }

    /** One comparison with the cursor excludes overlaps, aliases and holes. */
    private void checkEntry(HeaderJson.Entry entry) {
        if (entry.begin() != cursor) {
            String place = previous == null ? "the start" : "the end of " + Printable.quote(previous.name());
            throw error(entry, "invalid offset: begins at " + text(entry.begin()) + ", expected " + text(cursor)
                    + " (" + place + ")");
        }
        if (Long.compareUnsigned(entry.end(), entry.begin()) < 0) {
            throw error(entry, "invalid offset: ends at " + text(entry.end()) + ", before its begin "
                    + text(entry.begin()));
        }
        cursor = entry.end();
        previous = entry;
        OptionalLong bits = entry.shape().bits(entry.dtype());
        if (bits.isEmpty()) {
            throw error(entry, "size of " + what(entry) + " overflows 64 bits");
        }
        if (bits.getAsLong() % 8 != 0) {
            throw error(entry, "size of " + what(entry) + " is no whole number of bytes");
        }
        long bytes = bits.getAsLong() >>> 3;
        if (entry.end() - entry.begin() != bytes) {
            throw error(entry, what(entry) + " needs " + bytes + " bytes, its offsets span "
                    + text(entry.end() - entry.begin()));
        }
    }

    private void checkEnd(long dataBytes) {
        if (cursor == dataBytes) {
            return;
        }
        boolean shorter = Long.compareUnsigned(cursor, dataBytes) > 0;
        throw new CheckpointException(
                Printable.path(file) + ": file has " + dataBytes + " bytes of tensor data, its header describes "
                        + text(cursor),
                shorter ? "The file is truncated: download it again." : SafetensorsHeaderReader.BROKEN);
    }

    private CheckpointException error(HeaderJson.Entry entry, String what) {
        return new CheckpointException(
                Printable.path(file) + ": tensor " + Printable.quote(entry.name()) + ": " + what,
                SafetensorsHeaderReader.BROKEN);
    }

    private static String what(HeaderJson.Entry entry) {
        int rank = entry.shape().rank();
        return entry.dtype() + " " + (rank <= 8 ? entry.shape() : "with " + rank + " dimensions");
    }

    private static String text(long unsigned) {
        return Long.toUnsignedString(unsigned);
    }
}
