// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static dev.ingot.checkpoint.TestJson.list;
import static dev.ingot.checkpoint.TestJson.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsLayoutTest {
    @TempDir
    private Path folder;

    static Stream<Map<String, Object>> vectors() {
        return list(TestJson.read(Path.of("src/test/resources/writer/headers.json"))).stream().map(TestJson::object);
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void headersEqualTheReferenceByteForByte(Map<String, Object> vector) throws IOException {
        SafetensorsLayout layout = SafetensorsLayout.of(tensors(vector), metadata(vector));
        assertThat(new String(layout.header(), StandardCharsets.UTF_8)).isEqualTo(
                new String(HexFormat.of().parseHex((String) vector.get("header")), StandardCharsets.UTF_8));
        assertThat(layout.fileSize()).isEqualTo(vector.get("size"));
        assertReadsBack(layout, metadata(vector));
    }

    @Test
    void roundTripsRandomTensorsOfEveryType() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            List<TensorSpec> tensors = new ArrayList<>();
            for (int i = random.nextInt(8); i >= 0; i--) {
                Dtype dtype = Dtype.values()[random.nextInt(Dtype.values().length)];
                // A multiple of 4 makes whole bytes of 4-bit and 6-bit elements.
                tensors.add(new TensorSpec("t" + i, dtype, Shape.of(random.nextInt(3), 4, 1 + random.nextInt(9))));
            }
            assertReadsBack(SafetensorsLayout.of(tensors), SafetensorsLayout.DEFAULT_METADATA);
        }
    }

    private void assertReadsBack(SafetensorsLayout layout, Map<String, String> metadata) throws IOException {
        Path file = folder.resolve("written.safetensors");
        Files.write(file, Arrays.copyOf(layout.header(), (int) layout.fileSize()));
        SafetensorsHeader header = SafetensorsHeaderReader.read(file);
        assertThat(header.metadata()).isEqualTo(metadata);
        assertThat(header.dataStart()).isEqualTo(layout.dataStart()).isEqualTo(layout.header().length);
        assertThat(header.fileSize()).isEqualTo(layout.fileSize());
        assertThat(header.dataBytes()).isEqualTo(layout.fileSize() - layout.dataStart());
        assertThat(header.tensors().values()).containsExactlyInAnyOrderElementsOf(layout.in(file));
        assertThat(layout.in(file)).allSatisfy(tensor -> {
            assertThat(tensor.offset()).isEqualTo(layout.offsets().get(tensor.name()));
            assertThat(tensor.spec()).isEqualTo(layout.tensors().get(tensor.name()));
            if (tensor.dtype().bits() >= 8) {
                assertThat(tensor.offset() % tensor.dtype().bytes()).as("alignment").isZero();
            }
        });
    }

    @Test
    void metadataIsFormatPtUnlessSaidOtherwise() {
        byte[] header = SafetensorsLayout.of(List.of()).header();
        assertThat(new String(header, 8, header.length - 8, StandardCharsets.UTF_8))
                .isEqualTo("{\"__metadata__\":{\"format\":\"pt\"}}");
    }

    @Test
    void refusesWhatNoReaderWouldTake() {
        TensorSpec tensor = new TensorSpec("a", Dtype.F32, Shape.of(1));
        assertThatIllegalArgumentException().isThrownBy(() -> SafetensorsLayout.of(List.of(tensor, tensor)))
                .withMessageContaining("two tensors named 'a'");
        assertThatIllegalArgumentException().isThrownBy(
                () -> SafetensorsLayout.of(List.of(new TensorSpec("__metadata__", Dtype.F32, Shape.of(1)))));
        assertThatIllegalArgumentException().isThrownBy(
                () -> SafetensorsLayout.of(List.of(new TensorSpec("\uD800", Dtype.F32, Shape.of(1)))));
        assertThatThrownBy(() -> SafetensorsLayout.of(List.of(new TensorSpec("a", Dtype.F4, Shape.of(3)))))
                .isInstanceOf(ArithmeticException.class).hasMessageContaining("no whole number of bytes");
        assertThatThrownBy(() -> SafetensorsLayout.of(List.of(new TensorSpec("a", Dtype.U8, Shape.of(1L << 62, 4)))))
                .isInstanceOf(ArithmeticException.class).hasMessageContaining("overflows");
    }

    private static List<TensorSpec> tensors(Map<String, Object> vector) {
        return list(vector.get("tensors")).stream().map(TestJson::list).map(parts -> new TensorSpec(
                (String) parts.get(0), Dtype.byName((String) parts.get(1)).orElseThrow(),
                Shape.of(list(parts.get(2)).stream().mapToLong(dim -> (Long) dim).toArray()))).toList();
    }

    private static Map<String, String> metadata(Map<String, Object> vector) {
        Map<String, String> metadata = new LinkedHashMap<>();
        object(vector.get("metadata")).forEach((key, value) -> metadata.put(key, (String) value));
        return metadata;
    }
}
