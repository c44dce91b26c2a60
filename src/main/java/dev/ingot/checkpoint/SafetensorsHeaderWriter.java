// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static dev.ingot.checkpoint.SafetensorsHeader.LENGTH_BYTES;
import static dev.ingot.checkpoint.SafetensorsHeader.MAX_HEADER_BYTES;
import static dev.ingot.checkpoint.SafetensorsHeader.METADATA_KEY;

import dev.ingot.error.ResourceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes header bytes as the reference does: compact JSON in serde_json's spelling, padded with spaces. */
final class SafetensorsHeaderWriter {
    private static final int ALIGNMENT = 8;

    private SafetensorsHeaderWriter() {}

    /** The length field and the text for tensors that already stand in file order. */
    static byte[] write(List<TensorSpec> tensors, Map<String, String> metadata) {
        StringBuilder json = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            json.append('"').append(METADATA_KEY).append("\":");
            char separator = '{';
            for (Map.Entry<String, String> entry : metadata.entrySet()) {
                JsonText.SERDE.append(json.append(separator), entry.getKey());
                JsonText.SERDE.append(json.append(':'), entry.getValue());
                separator = ',';
            }
            json.append('}');
        }
        long begin = 0;
        for (TensorSpec tensor : tensors) {
            long end = Math.addExact(begin, tensor.bytes());
            if (json.length() > 1) {
                json.append(',');
            }
            appendTensor(json, tensor, begin, end);
            begin = end;
            requireReadable(json.length());
        }
        return padded(utf8(json.append('}')));
    }

    private static void appendTensor(StringBuilder json, TensorSpec tensor, long begin, long end) {
        if (tensor.name().equals(METADATA_KEY)) {
            throw new IllegalArgumentException("a tensor cannot be named " + METADATA_KEY);
        }
        JsonText.SERDE.append(json, tensor.name())
                .append(":{\"dtype\":\"").append(tensor.dtype().name()).append("\",\"shape\":[");
        for (int i = 0; i < tensor.shape().rank(); i++) {
            json.append(i == 0 ? "" : ",").append(tensor.shape().dim(i));
        }
        json.append("],\"data_offsets\":[").append(begin).append(',').append(end).append("]}");
    }

    private static ByteBuffer utf8(StringBuilder json) {
        try {
            return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a name or metadata string holds a lone surrogate", e);
        }
    }

    private static byte[] padded(ByteBuffer text) {
        int length = Math.ceilDiv(text.remaining(), ALIGNMENT) * ALIGNMENT;
        requireReadable(length);
        ByteBuffer out = ByteBuffer.allocate(LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(length).put(text);
        Arrays.fill(out.array(), out.position(), out.capacity(), (byte) ' ');
        return out.array();
    }

    private static void requireReadable(long length) {
        if (length > MAX_HEADER_BYTES) {
            throw new ResourceException(
                    "a safetensors header of more than " + MAX_HEADER_BYTES + " bytes cannot be read by anyone",
                    "Write smaller shards, so that each holds fewer tensors.");
        }
    }
}
