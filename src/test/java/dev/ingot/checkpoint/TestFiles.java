// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small safetensors files for tests, right or wrong. */
final class TestFiles {
    private TestFiles() {}

    /** A file with this header text and that many bytes 0, 1, 2, ... of data. */
    static Path write(Path file, String header, int dataBytes) throws IOException {
        return Files.write(file, bytes(header.getBytes(StandardCharsets.UTF_8), dataBytes));
    }

    static byte[] bytes(byte[] header, int dataBytes) {
        ByteBuffer out = ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(header.length).put(header);
        for (int i = 0; i < dataBytes; i++) {
            out.put((byte) i);
        }
        return out.array();
    }
}
