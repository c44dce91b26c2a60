// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.error.CheckpointException;
import dev.ingot.error.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsHeaderReaderTest {
    private static final String TWO = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[1,25]}}";

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("x.safetensors");
    }

    @Test
    void placesTensorsFromTheStartOfTheFileEvenUnaligned() throws IOException {
        SafetensorsHeader header = SafetensorsHeaderReader.read(TestFiles.write(file, TWO, 25));
        long data = 8 + TWO.length();
        assertThat(header.tensors().values()).containsExactly(
                new TensorRef("a", Dtype.U8, Shape.of(1), file, data, 1),
                new TensorRef("b", Dtype.F32, Shape.of(2, 3), file, data + 1, 24));
        assertThat(header.tensors().get("b").elements()).isEqualTo(6);
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = TestFiles.bytes(TWO.getBytes(StandardCharsets.UTF_8), 25);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            CheckpointException error = catchThrowableOfType(CheckpointException.class,
                    () -> SafetensorsHeaderReader.read(file));
            assertThat(error).as("first %d bytes", length).isNotNull().hasMessageStartingWith(file + ": ");
            assertThat(error.exitCode()).isEqualTo(ExitCode.CHECKPOINT);
            if (length >= 8) {
                assertThat(error.hint()).contains("truncated");
            }
        }
    }

    @Test
    void namesTensorExpectedAndFound() throws IOException {
        TestFiles.write(file, TWO.replace("[1,25]", "[2,26]"), 26);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file))
                .hasMessage(file + ": tensor 'b': invalid offset: begins at 2, expected 1 (the end of 'a')");
        TestFiles.write(file, TWO.replace("[2,3]", "[2,4]"), 25);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file))
                .hasMessage(file + ": tensor 'b': F32 [2, 4] needs 32 bytes, its offsets span 24");
        TestFiles.write(file, TWO.replace("F32", "F31"), 25);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file))
                .hasMessageContaining("line 1 column 67: tensor 'b': dtype: unknown dtype 'F31'");
        TestFiles.write(file, TWO, 24);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file))
                .hasMessage(file + ": file has 24 bytes of tensor data, its header describes 25");
    }

    /** The largest header allowed, as a hole in a sparse file: it must not be held in memory. */
    @Test
    @Timeout(30)
    void aHeaderAtTheLimitIsStreamed() throws IOException {
        sparse(SafetensorsHeader.MAX_HEADER_BYTES, 8 + SafetensorsHeader.MAX_HEADER_BYTES);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("header JSON is invalid at line 1 column 1");
    }

    @Test
    @Timeout(10)
    void aHeaderOverTheLimitIsRefusedUnread() throws IOException {
        sparse(SafetensorsHeader.MAX_HEADER_BYTES + 1, 1L << 37);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file)).isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": header too large: 100000001 bytes, at most 100000000 allowed");
    }

    /** A file of 62 GB without 62 GB of disk: sizes and offsets are 64-bit throughout. */
    @Test
    void hugeTensorsArePlaced() throws IOException {
        String header = "{\"a\":{\"dtype\":\"F64\",\"shape\":[4000000000],\"data_offsets\":[0,32000000000]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[30000000000],\"data_offsets\":[32000000000,62000000000]}}";
        TestFiles.write(file, header, 0);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(8 + header.length() + 62_000_000_000L);
        }
        TensorRef tensor = SafetensorsHeaderReader.read(file).tensors().get("b");
        assertThat(tensor.offset()).isEqualTo(8 + header.length() + 32_000_000_000L);
        assertThat(tensor.elements()).isEqualTo(30_000_000_000L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "version https://git-lfs.github.com/spec/v1 | git lfs pull",
        "PK\u0003\u0004..................... | PyTorch",
        "GGUF\u0003\u0000\u0000\u0000\u00ff............. | GGUF",
        "<!DOCTYPE html><html></html> | web page",
        "{\"weight_map\":{}} | JSON"})
    void hintsAtWhatTheFileIsInstead(String content, String hint) throws IOException {
        Files.writeString(file, content, StandardCharsets.ISO_8859_1);
        CheckpointException error = catchThrowableOfType(CheckpointException.class,
                () -> SafetensorsHeaderReader.read(file));
        assertThat(error).hasMessageContaining("header too large");
        assertThat(error.hint()).contains(hint);
    }

    @Test
    void namesTooLongOrTooManyDimensionsAreRefused() throws IOException {
        TestFiles.write(file, TWO.replace("\"a\"", "\"" + "n".repeat(HeaderJson.MAX_NAME + 1) + "\""), 25);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file)).isInstanceOf(CheckpointException.class);
        TestFiles.write(file, TWO.replace("\"a\"", "\"" + "n".repeat(HeaderJson.MAX_NAME) + "\""), 25);
        assertThat(SafetensorsHeaderReader.read(file).tensors()).hasSize(2);
        TestFiles.write(file, TWO.replace("[1]", "[1" + ",1".repeat(HeaderJson.MAX_RANK) + "]"), 25);
        assertThatThrownBy(() -> SafetensorsHeaderReader.read(file)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining("tensor 'a': shape: more than 256 numbers");
        TestFiles.write(file, TWO.replace("[1]", "[1" + ",1".repeat(HeaderJson.MAX_RANK - 1) + "]"), 25);
        assertThat(SafetensorsHeaderReader.read(file).tensors().get("a").shape().rank()).isEqualTo(256);
    }

    @Test
    void aFileWithManyTensorsReadsInReasonableTime() throws IOException {
        int count = 100_000;
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < count; i++) {
            header.append(i == 0 ? "" : ",").append("\"model.layers.").append(i)
                    .append(".weight\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[").append(i).append(',')
                    .append(i + 1).append("]}");
        }
        TestFiles.write(file, header.append('}').toString(), count);
        long start = System.nanoTime();
        assertThat(SafetensorsHeaderReader.read(file).tensors()).hasSize(count);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    private void sparse(long headerLength, long size) throws IOException {
        Files.write(file, TestFiles.bytes(new byte[0], 0));
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.writeLong(Long.reverseBytes(headerLength));
            out.setLength(size);
        }
    }
}
