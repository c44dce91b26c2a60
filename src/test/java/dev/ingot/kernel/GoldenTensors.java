// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tensors of the golden conversion files: enough of the safetensors format for files known to be good. */
final class GoldenTensors {
    private static final Pattern ENTRY =
            Pattern.compile("\"([^\"]+)\":\\{\"dtype\":[^{}]*\"data_offsets\":\\[(\\d+),(\\d+)]}");

    private GoldenTensors() {}

    /** The bytes of every tensor of a file in {@code /convert}, little-endian, by name. */
    static Map<String, ByteBuffer> read(String file) {
        byte[] content = content("/convert/" + file);
        ByteBuffer buffer = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(buffer.getLong());
        Matcher entry = ENTRY.matcher(new String(content, Long.BYTES, header, StandardCharsets.UTF_8));
        Map<String, ByteBuffer> tensors = new HashMap<>();
        while (entry.find()) {
            int begin = Integer.parseInt(entry.group(2));
            int length = Integer.parseInt(entry.group(3)) - begin;
            ByteBuffer data = buffer.slice(Long.BYTES + header + begin, length).order(ByteOrder.LITTLE_ENDIAN);
            tensors.put(entry.group(1), data);
        }
        return tensors;
    }

    private static byte[] content(String resource) {
        try (InputStream in = GoldenTensors.class.getResourceAsStream(resource)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
