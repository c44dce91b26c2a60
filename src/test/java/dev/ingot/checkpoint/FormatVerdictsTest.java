// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static dev.ingot.checkpoint.TestJson.list;
import static dev.ingot.checkpoint.TestJson.object;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every probe file gets the verdict of safetensors 0.8.0, except for the deviations listed here. */
class FormatVerdictsTest {
    private static final Path FORMATS = Path.of("src/test/resources/formats");

    /** How Ingot words each error of the reference. */
    private static final Map<String, String> WORDING = Map.of(
            "HeaderTooSmall", "header too small",
            "HeaderTooLarge", "header too large",
            "InvalidHeaderLength", "does not fit into the file",
            "InvalidHeader", "not valid UTF-8",
            "InvalidHeaderDeserialization", "header JSON is invalid",
            "InvalidOffset", "invalid offset",
            "ValidationOverflow", "overflows 64 bits",
            "MisalignedSlice", "no whole number of bytes",
            "TensorInvalidInfo", "its offsets span",
            "MetadataIncompleteBuffer", "bytes of tensor data, its header describes");

    /** Accepted by the reference, refused by Ingot on purpose. Keep equal to the table in docs/formats.md. */
    private static final Map<String, String> STRICTER = new TreeMap<>(Map.of(
            "dup_same_range", "duplicate name 'a'",
            "dup_same_range_other_dtype", "duplicate name 'a'",
            "dup_escaped", "duplicate name 'a'",
            "dup_first_invalid", "duplicate name 'a'",
            "entry_list3", "an object expected, found a list",
            "entry_dtype_object", "dtype: the name of a type expected, found an object"));

    /** Refused by both, but Ingot stops earlier or at another rule. */
    private static final Map<String, String> OTHER_REASON = Map.of("dup_other_range", "duplicate name 'a'");

    @TestFactory
    Stream<DynamicTest> everyFileGetsTheVerdictOfTheReference() {
        return cases().map(verdict -> DynamicTest.dynamicTest(name(verdict) + ": " + verdict.get("what"),
                () -> check(verdict)));
    }

    @Test
    void theSetIsComplete() throws IOException {
        assertThat(cases().toList()).hasSize(279);
        try (Stream<Path> files = Files.list(FORMATS.resolve("files"))) {
            assertThat(files).hasSize(279);
        }
    }

    @Test
    void everyDeviationIsDocumented() throws IOException {
        String page = Files.readString(Path.of("docs/formats.md"));
        assertThat(STRICTER.keySet()).allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
        assertThat(OTHER_REASON.keySet()).allSatisfy(name -> assertThat(page).contains("`" + name + "`"));
    }

    private void check(Map<String, Object> verdict) throws IOException, NoSuchAlgorithmException {
        Path file = FORMATS.resolve((String) verdict.get("file"));
        boolean accepted = verdict.get("verdict").equals("accept");
        String stricter = STRICTER.get(name(verdict));
        if (accepted && stricter == null) {
            assertSameContent(object(verdict.get("tensors")), verdict, SafetensorsHeaderReader.read(file));
            return;
        }
        assertThat(accepted).as("a deviation is an accepted file").isEqualTo(stricter != null);
        String wording = accepted ? stricter
                : OTHER_REASON.getOrDefault(name(verdict), WORDING.get((String) verdict.get("error")));
        Throwable error = catchThrowable(() -> SafetensorsHeaderReader.read(file));
        assertThat(error).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(wording)
                .hasMessageStartingWith(file + ": ");
        assertThat(error.getMessage().lines()).hasSize(1);
        assertThat(((CheckpointException) error).hint().lines()).hasSize(1);
    }

    private static void assertSameContent(Map<String, Object> expected, Map<String, Object> verdict,
            SafetensorsHeader header) throws IOException, NoSuchAlgorithmException {
        byte[] content = Files.readAllBytes(header.file());
        Map<String, Object> found = new LinkedHashMap<>();
        for (TensorRef tensor : header.tensors().values()) {
            byte[] data = Arrays.copyOfRange(content, (int) tensor.offset(), (int) (tensor.offset() + tensor.bytes()));
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(data);
            found.put(tensor.name(), Map.of(
                    "dtype", tensor.dtype().name(),
                    "shape", tensor.shape().dims(),
                    "bytes", tensor.bytes(),
                    "sha256_16", HexFormat.of().formatHex(hash).substring(0, 16)));
        }
        assertThat(found).isEqualTo(expected);
        assertThat(header.metadata()).isEqualTo(verdict.getOrDefault("metadata", Map.of()));
        assertThat(header.tensors().values().stream().map(TensorRef::offset)).isSorted();
        assertThat(header.fileSize()).isEqualTo(content.length);
    }

    @Test
    void aDimensionThatALongCannotHoldIsRefusedEvenWithoutElements() throws IOException {
        Path file = Files.createTempFile("dimension", ".safetensors");
        try {
            TestFiles.write(file, "{\"a\":{\"dtype\":\"F32\",\"shape\":[0,9223372036854775808],"
                    + "\"data_offsets\":[0,0]}}", 0);
            assertThatThrownBy(() -> SafetensorsHeaderReader.read(file)).isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("tensor 'a': shape: size overflows 64 bits: dimension 9223372036854775808");
        } finally {
            Files.delete(file);
        }
    }

    private static Stream<Map<String, Object>> cases() {
        List<Object> cases = list(object(TestJson.read(FORMATS.resolve("verdicts.json"))).get("cases"));
        return cases.stream().map(TestJson::object);
    }

    private static String name(Map<String, Object> verdict) {
        String file = (String) verdict.get("file");
        return file.substring("files/".length(), file.length() - ".safetensors".length());
    }
}
