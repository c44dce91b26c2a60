// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static dev.ingot.checkpoint.SafetensorsHeader.LENGTH_BYTES;
import static dev.ingot.checkpoint.SafetensorsHeader.MAX_HEADER_BYTES;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads the header of a safetensors file, and nothing else of it. The checks and their order are those of the reference
 * implementation (huggingface/safetensors, safetensors/src/tensor.rs, 0.8.0); the few places where Ingot is stricter
 * are listed in {@code docs/formats.md}. The header is streamed: memory grows with the number of tensors, not with the
 * length of the header.
 */
public final class SafetensorsHeaderReader {
    static final String BROKEN = "The file is corrupt or was not written by a correct safetensors writer: "
            + "download or save it again.";
    private static final int CHUNK = 1 << 16;

    private SafetensorsHeaderReader() {}

    /**
     * Reads and checks a header. Blocking; may be called from any thread.
     *
     * @throws CheckpointException if the file cannot be read or breaks a rule of the format; names file and tensor
     */
    public static SafetensorsHeader read(Path file) {
        FileFaults.requireRegularFile(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            long length = headerLength(file, channel, size);
            requireUtf8(file, channel, length);
            HeaderJson json = HeaderJson.parse(file, new ChannelSlice(channel, LENGTH_BYTES, length));
            return HeaderRules.check(file, json, LENGTH_BYTES + length, size);
        } catch (IOException e) {
            throw FileFaults.unreadable(file, e);
        }
    }

    private static long headerLength(Path file, FileChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw new CheckpointException(
                    Printable.path(file) + ": header too small: the file has " + size + " bytes, a header at least 8",
                    size == 0 ? "The file is empty: download it again." : BROKEN);
        }
        byte[] field = new ChannelSlice(channel, 0, LENGTH_BYTES).readNBytes(LENGTH_BYTES);
        long length = ByteBuffer.wrap(field).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (Long.compareUnsigned(length, MAX_HEADER_BYTES) > 0) {
            throw new CheckpointException(
                    Printable.path(file) + ": header too large: " + Long.toUnsignedString(length) + " bytes, at most "
                            + MAX_HEADER_BYTES + " allowed",
                    ForeignFormat.hint(field));
        }
        if (LENGTH_BYTES + length > size) {
            throw new CheckpointException(
                    Printable.path(file) + ": header of " + length + " bytes does not fit into the file of " + size
                            + " bytes",
                    "The file is truncated: download it again.");
        }
        return length;
    }

    /** Before any JSON, as the reference does, so that both name the same fault. */
    private static void requireUtf8(Path file, FileChannel channel, long length) throws IOException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer bytes = ByteBuffer.allocate(CHUNK);
        CharBuffer chars = CharBuffer.allocate(CHUNK);
        InputStream in = new ChannelSlice(channel, LENGTH_BYTES, length);
        long decoded = 0;
        for (boolean last = false; !last;) {
            int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
            last = read < 0;
            bytes.position(bytes.position() + Math.max(read, 0)).flip();
            CoderResult result = decoder.decode(bytes, chars.clear(), last);
            if (result.isError()) {
                throw new CheckpointException(
                        Printable.path(file) + ": header is not valid UTF-8 at byte " + (decoded + bytes.position()),
                        BROKEN);
            }
            decoded += bytes.position();
            bytes.compact();
        }
    }
}
