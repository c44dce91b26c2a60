// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.error.ResourceException;
import dev.ingot.plan.Plan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * What a run has finished, so that the same run can go on after an interruption, or one that has some of its tensors: a text file
 * that begins with the plan's hash and has one line per finished tensor (key and checksum). Lines carry their own checksum, so a
 * torn one is ignored; a tensor counts as finished only after its bytes have been read back, so nothing needs to be synced here.
 */
final class Journal implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final List<String> keys;
    private final Map<String, Long> recorded;

    private Journal(Path path, FileChannel channel, List<String> keys, Map<String, Long> recorded) {
        this.path = path;
        this.channel = channel;
        this.keys = keys;
        this.recorded = recorded;
    }

    /**
     * Opens the journal of an output directory. Lines of tensors that the plan does not have are dropped.
     *
     * @param plan identifies the plan
     * @param keys identify its tensors
     */
    static Journal open(Path directory, String plan, List<String> keys) {
        Path path = directory.resolve(Plan.JOURNAL);
        try {
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                String content = read(channel);
                Map<String, Long> recorded = parse(content, Set.copyOf(keys));
                channel.position(channel.size());
                if (!content.startsWith(line(plan) + "\n")) {
                    channel.truncate(0);
                    write(channel, line(plan));
                    for (Map.Entry<String, Long> tensor : recorded.entrySet()) {
                        write(channel, line(tensor.getKey(), tensor.getValue()));
                    }
                } else if (!content.endsWith("\n")) {
                    write(channel, "");
                }
                return new Journal(path, channel, keys, recorded);
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw OutputFaults.failed(path, e);
        }
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(channel.size()));
        int read;
        do {
            read = channel.read(content, content.position());
        } while (read > 0);
        return new String(content.array(), 0, content.position(), StandardCharsets.ISO_8859_1);
    }

    private static Map<String, Long> parse(String content, Set<String> keys) {
        Map<String, Long> recorded = new LinkedHashMap<>();
        for (String line : content.split("\n")) {
            String[] fields = line.split(" ");
            if (fields.length == 3 && keys.contains(fields[0]) && line.equals(line(fields[0] + " " + fields[1]))) {
                recorded.put(fields[0], Long.parseUnsignedLong(fields[1], 16));
            }
        }
        return recorded;
    }

    /** The checksum that an earlier run recorded for a tensor. */
    OptionalLong recorded(int tensor) {
        Long checksum = recorded.get(keys.get(tensor));
        return checksum == null ? OptionalLong.empty() : OptionalLong.of(checksum);
    }

    /** Whether no earlier run recorded anything. */
    boolean isEmpty() {
        return recorded.isEmpty();
    }

    /** Adds a finished tensor. */
    synchronized void record(int tensor, long checksum) {
        try {
            write(channel, line(keys.get(tensor), checksum));
        } catch (IOException e) {
            throw OutputFaults.failed(path, e);
        }
    }

    /** Closes and removes the journal: there is nothing to continue. */
    void delete() {
        try {
            Files.deleteIfExists(path);
            channel.close();
        } catch (IOException e) {
            throw new ResourceException(
                    path + ": cannot be removed (" + e.getMessage() + ")", "remove the file; the merge is complete", e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw OutputFaults.failed(path, e);
        }
    }

    private static void write(FileChannel channel, String line) throws IOException {
        ByteBuffer bytes = bytes(line + "\n");
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String line(String key, long checksum) {
        return line(key + " " + Long.toHexString(checksum));
    }

    private static String line(String content) {
        CRC32C crc = new CRC32C();
        crc.update(bytes(content));
        return content + " " + Long.toHexString(crc.getValue());
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
