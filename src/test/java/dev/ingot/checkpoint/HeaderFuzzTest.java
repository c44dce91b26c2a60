// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated headers of real files end in a CheckpointException or a header that keeps the rules, and do so at once. */
class HeaderFuzzTest {
    private static final int CASES = 24_000;
    private static final long MAX_NANOS = 10_000_000_000L;
    private static final List<String> FRAGMENTS = List.of(
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "\\udc00",
            "0", "-0", "-1", "9", "1e9", "1e999", "18446744073709551615", "18446744073709551616",
            "9223372036854775807", "9223372036854775808", "4294967296", "null", "true", "NaN", "Infinity", " ", "\n",
            "\u0000", "\uFEFF", "\u00e9", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"F32\"",
            "\"F4\"", "\"BOOL\"", "\"a\"", "{\"a\":", "[[[[", "//", "/*", "'");

    @TempDir
    private Path folder;

    @Test
    void mutatedHeadersNeverEscape() throws IOException {
        List<byte[]> seeds = seeds();
        Path file = folder.resolve("fuzz.safetensors");
        int accepted = 0;
        // One open file: replacing a file's content makes ext4 flush it on close, 24,000 times.
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int seed = 0; seed < CASES; seed++) {
                Random random = new Random(seed);
                byte[] mutant = mutate(seeds.get(seed % seeds.size()), random);
                out.write(ByteBuffer.wrap(mutant), 0);
                out.truncate(mutant.length);
                accepted += readMutant(file, mutant.length, seed) ? 1 : 0;
            }
        }
        assertThat(accepted).as("accepted mutants").isBetween(CASES / 100, CASES / 2);
    }

    private static boolean readMutant(Path file, int size, int seed) {
        long start = System.nanoTime();
        try {
            assertKeepsTheRules(SafetensorsHeaderReader.read(file), size);
            return true;
        } catch (CheckpointException e) {
            assertThat(e.getMessage().lines()).as("seed %d", seed).hasSize(1);
            return false;
        } catch (RuntimeException | Error e) {
            return fail("seed " + seed, e);
        } finally {
            assertThat(System.nanoTime() - start).as("time of seed %d", seed).isLessThan(MAX_NANOS);
        }
    }

    private static void assertKeepsTheRules(SafetensorsHeader header, long fileSize) {
        long end = header.dataStart();
        for (TensorRef tensor : header.tensors().values()) {
            assertThat(tensor.offset()).isEqualTo(end);
            assertThat(tensor.bytes() * 8).isEqualTo(tensor.elements() * tensor.dtype().bits());
            end += tensor.bytes();
        }
        assertThat(end).isEqualTo(fileSize).isEqualTo(header.fileSize());
    }

    private static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        List<TensorSpec> llama = new ArrayList<>();
        for (int layer = 0; layer < 4; layer++) {
            llama.add(new TensorSpec("model.layers." + layer + ".mlp.up_proj.weight", Dtype.BF16, Shape.of(8, 4)));
            llama.add(new TensorSpec("model.layers." + layer + ".input_layernorm.weight", Dtype.F32, Shape.of(4)));
        }
        SafetensorsLayout layout = SafetensorsLayout.of(llama);
        seeds.add(Arrays.copyOf(layout.header(), (int) layout.fileSize()));
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/formats/files"))) {
            for (Path file : files.sorted().toList()) {
                byte[] content = Files.readAllBytes(file);
                if (content.length >= 24) {
                    seeds.add(content);
                }
            }
        }
        return seeds;
    }

    /** One to three changes of the header text; mostly the length field is corrected, so that the JSON is reached. */
    private static byte[] mutate(byte[] file, Random random) {
        long declared = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int headerEnd = (int) Math.clamp(8 + declared, 8L, file.length);
        byte[] header = Arrays.copyOfRange(file, 8, headerEnd);
        for (int i = random.nextInt(3); i >= 0; i--) {
            header = change(header, random);
        }
        int dataBytes = file.length - headerEnd + (random.nextInt(20) == 0 ? 1 : 0);
        byte[] mutant = TestFiles.bytes(header, dataBytes);
        if (random.nextInt(10) == 0) {
            mutant[random.nextInt(8)] ^= (byte) (1 << random.nextInt(8));
        }
        return random.nextInt(20) == 0 ? Arrays.copyOf(mutant, random.nextInt(mutant.length + 1)) : mutant;
    }

    private static byte[] change(byte[] header, Random random) {
        int at = random.nextInt(header.length + 1);
        int end = Math.min(header.length, at + random.nextInt(12));
        return switch (random.nextInt(6)) {
            case 0 -> splice(header, at, Math.min(header.length, at + 1), new byte[] {(byte) random.nextInt(256)});
            case 1 -> splice(header, at, end, new byte[0]);
            case 2 -> splice(header, at, at, Arrays.copyOfRange(header, at, end));
            case 3 -> splice(header, at, Math.min(header.length, at + 1), fragment(random));
            case 4 -> splice(header, at, at, fragment(random));
            default -> digit(header, at, random);
        };
    }

    private static byte[] fragment(Random random) {
        return FRAGMENTS.get(random.nextInt(FRAGMENTS.size())).getBytes(StandardCharsets.UTF_8);
    }

    /** Changes the first digit from here on: shapes and offsets go wrong while the JSON stays right. */
    private static byte[] digit(byte[] header, int from, Random random) {
        byte[] changed = header.clone();
        for (int i = from; i < changed.length; i++) {
            if (changed[i] >= '0' && changed[i] <= '9') {
                changed[i] = (byte) ('0' + random.nextInt(10));
                break;
            }
        }
        return changed;
    }

    private static byte[] splice(byte[] header, int from, int to, byte[] middle) {
        byte[] out = new byte[header.length - (to - from) + middle.length];
        System.arraycopy(header, 0, out, 0, from);
        System.arraycopy(middle, 0, out, from, middle.length);
        System.arraycopy(header, to, out, from + middle.length, header.length - to);
        return out;
    }
}
