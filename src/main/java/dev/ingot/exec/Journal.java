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
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/**
 * What a run has finished, so that the same run can go on after an interruption: a text file with one line per finished tensor
 * (index and checksum). Lines carry their own checksum, so a torn one is ignored; a tensor counts as finished only after
 * its bytes have been read back, so nothing needs to be synced here.
 */
final class Journal implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final Map<Integer, Long> recorded;
    private final boolean resumed;

    private Journal(Path path, FileChannel channel, Map<Integer, Long> recorded, boolean resumed) {
        this.path = path;
        this.channel = channel;
        this.recorded = recorded;
        this.resumed = resumed;
    }

    /**
     * Opens the journal of an output directory. Lines of another plan are dropped.
     *
     * @param key identifies the plan
     */
    static Journal open(Path directory, String key) {
        Path path = directory.resolve(Plan.JOURNAL);
        try {
            FileChannel channel = FileChannel.open(
                    path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                String content = read(channel);
                String[] lines = content.split("\n", -1);
                boolean resumed = lines[0].equals(line(key));
                Map<Integer, Long> recorded = resumed ? parse(lines) : Map.of();
                if (!resumed) {
                    channel.truncate(0);
                    channel.write(bytes(line(key) + "\n"), 0);
                }
                channel.position(channel.size());
                if (resumed && !content.endsWith("\n")) {
                    channel.write(bytes("\n"));
                }
                return new Journal(path, channel, recorded, resumed);
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

    private static Map<Integer, Long> parse(String[] lines) {
        Map<Integer, Long> recorded = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            String[] fields = lines[i].split(" ");
            if (fields.length == 3 && lines[i].equals(line(fields[0] + " " + fields[1]))) {
                recorded.put(Integer.valueOf(fields[0]), Long.parseUnsignedLong(fields[1], 16));
            }
        }
        return recorded;
    }

    /** Whether an earlier run of the same plan left something. */
    boolean resumed() {
        return resumed;
    }

    /** The checksum that an earlier run recorded for a tensor. */
    OptionalLong recorded(int tensor) {
        Long checksum = recorded.get(tensor);
        return checksum == null ? OptionalLong.empty() : OptionalLong.of(checksum);
    }

    /** Whether no earlier run recorded anything. */
    boolean isEmpty() {
        return recorded.isEmpty();
    }

    /** Adds a finished tensor. */
    synchronized void record(int tensor, long checksum) {
        try {
            ByteBuffer line = bytes(line(tensor + " " + Long.toHexString(checksum)) + "\n");
            while (line.hasRemaining()) {
                channel.write(line);
            }
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

    private static String line(String content) {
        CRC32C crc = new CRC32C();
        crc.update(bytes(content));
        return content + " " + Long.toHexString(crc.getValue());
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
