// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargeMemoryTest {
    private static final long LARGE = 1L << 20;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1000, LARGE - 1, LARGE, LARGE + 1, 5 * LARGE + 4097})
    void isZeroAlignedAndWritableToItsEnd(long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = LargeMemory.allocate(arena, bytes, 4096);
            assertThat(memory.byteSize()).isEqualTo(bytes);
            assertThat(memory.address() % 4096).isZero();
            assertThat(memory.mismatch(arena.allocate(bytes))).isEqualTo(-1);
            memory.fill((byte) 7);
            assertThatThrownBy(() -> memory.set(JAVA_BYTE, bytes, (byte) 1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void endsWithItsOwner() {
        MemorySegment memory;
        try (Arena arena = Arena.ofShared()) {
            memory = LargeMemory.allocate(arena, LARGE, 64);
            assertThat(memory.get(JAVA_BYTE, 0)).isZero();
        }
        assertThatThrownBy(() -> memory.get(JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void takesNothingBeforeItIsTouched() throws IOException {
        assumeTrue(NativePlatform.current().isLinux64(), "only Linux gives such memory");
        long before = anonymous();
        try (Arena arena = Arena.ofConfined()) {
            long bytes = 1L << 30;
            MemorySegment memory = LargeMemory.allocate(arena, bytes, 64);
            memory.set(JAVA_BYTE, bytes - 1, (byte) 1);
            assertThat(anonymous() - before).isLessThan(bytes / 4);
        }
    }

    private static long anonymous() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst()
                .orElseThrow();
    }
}
