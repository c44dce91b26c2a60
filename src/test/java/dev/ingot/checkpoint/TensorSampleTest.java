// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ingot.error.CheckpointException;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorSampleTest {
    @TempDir
    private Path directory;

    private static TestTensor tensor(String name, int bytes, int changed) {
        byte[] data = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            data[i] = (byte) (i * 31 + i / 256);
        }
        if (changed >= 0) {
            data[changed]++;
        }
        return new TestTensor(name, Dtype.I8, Shape.of(bytes), data);
    }

    private boolean agrees(TestTensor left, TestTensor right) throws IOException {
        Checkpoint checkpoint = Checkpoint.open(TestCheckpoint.writeUnaligned(directory, List.of(left, right)));
        return TensorSample.agrees(checkpoint.find("left").orElseThrow(), checkpoint.find("right").orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 65536, 65537, 300_001})
    void copiesAgreeAndFirstAndLastByteCount(int bytes) throws IOException {
        TestTensor left = tensor("left", bytes, -1);
        assertThat(agrees(left, tensor("right", bytes, -1))).isTrue();
        if (bytes > 0) {
            assertThat(agrees(left, tensor("right", bytes, 0))).isFalse();
            assertThat(agrees(left, tensor("right", bytes, bytes - 1))).isFalse();
        }
    }

    @Test
    void everyByteOfASmallTensorCounts() throws IOException {
        TestTensor left = tensor("left", 5000, -1);
        for (int changed = 0; changed < 5000; changed += 499) {
            assertThat(agrees(left, tensor("right", 5000, changed))).as("byte %d", changed).isFalse();
        }
    }

    @Test
    void otherShapesAndTypesDoNotAgree() throws IOException {
        assertThat(agrees(tensor("left", 8, -1), tensor("right", 9, -1))).isFalse();
        assertThat(agrees(tensor("left", 8, -1), new TestTensor("right", Dtype.F32, Shape.of(2), new byte[8]))).isFalse();
    }

    @Test
    void fileThatIsGoneIsReported() throws IOException {
        Checkpoint checkpoint = Checkpoint.open(
                TestCheckpoint.write(directory, List.of(tensor("left", 8, -1), tensor("right", 8, -1))));
        TensorRef left = checkpoint.find("left").orElseThrow();
        Files.delete(left.file());
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> TensorSample.agrees(left, checkpoint.find("right").orElseThrow()))
                .withMessageContaining(left.file().toString());
    }
}
