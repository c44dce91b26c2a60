// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final String ONE = "model-00001-of-00002.safetensors";
    private static final String TWO = "model-00002-of-00002.safetensors";

    @TempDir
    private Path folder;

    @Test
    void opensADirectoryWithOneFile() throws IOException {
        weights(folder.resolve("model.safetensors"), "b", "a", "\uD83D\uDE00", "\uFFFF");
        Files.writeString(folder.resolve("config.json"), "{}");
        Checkpoint checkpoint = Checkpoint.open(folder);
        assertThat(checkpoint.tensors().keySet()).containsExactly("a", "b", "\uFFFF", "\uD83D\uDE00");
        assertThat(checkpoint.directory()).isEqualTo(folder);
        assertThat(checkpoint.location()).isEqualTo(folder);
        assertThat(checkpoint.configJson()).contains(folder.resolve("config.json"));
        assertThat(checkpoint.totalBytes()).isEqualTo(32);
        assertThat(checkpoint.find("b")).get().extracting(TensorRef::file)
                .isEqualTo(folder.resolve("model.safetensors"));
        assertThat(checkpoint.find("c")).isEmpty();
        assertThat(checkpoint.warnings()).isEmpty();
    }

    @Test
    void opensOneFile() throws IOException {
        Path file = weights(folder.resolve("task_vector.safetensors"), "a");
        Checkpoint checkpoint = Checkpoint.open(file);
        assertThat(checkpoint.tensors()).containsOnlyKeys("a");
        assertThat(checkpoint.directory()).isEqualTo(folder);
        assertThat(checkpoint.configJson()).isEmpty();
    }

    @Test
    void opensShardsAndTheIndexWinsOverAStraySingleFile() throws IOException {
        sharded();
        weights(folder.resolve("model.safetensors"), "stray");
        for (Path location : List.of(folder, folder.resolve(ShardIndex.FILE_NAME))) {
            Checkpoint checkpoint = Checkpoint.open(location);
            assertThat(checkpoint.tensors()).containsOnlyKeys("a", "b", "c");
            assertThat(checkpoint.tensors().get("c").file()).isEqualTo(folder.resolve(TWO));
            assertThat(checkpoint.files()).extracting(SafetensorsHeader::file)
                    .containsExactly(folder.resolve(ONE), folder.resolve(TWO));
            assertThat(checkpoint.totalBytes()).isEqualTo(24);
            assertThat(checkpoint.directory()).isEqualTo(folder);
        }
    }

    @Test
    void followsTheLinksOfADownloadCache() throws IOException {
        Path blobs = Files.createDirectories(folder.resolve("blobs"));
        Path snapshot = Files.createDirectories(folder.resolve("snapshots/1234"));
        weights(blobs.resolve("blob1"), "a", "b");
        Files.write(blobs.resolve("blob2"), index("a", "weights", "b", "weights"));
        Files.createSymbolicLink(snapshot.resolve("weights"), Path.of("../../blobs/blob1"));
        Files.createSymbolicLink(snapshot.resolve(ShardIndex.FILE_NAME), Path.of("../../blobs/blob2"));
        Checkpoint checkpoint = Checkpoint.open(snapshot);
        assertThat(checkpoint.tensors()).containsOnlyKeys("a", "b");
        assertThat(checkpoint.directory()).isEqualTo(snapshot);
        Files.delete(blobs.resolve("blob1"));
        assertThat(error(snapshot)).hasMessageContaining("weights: the symbolic link leads to a file that does not");
        assertThat(error(folder).hint()).contains("snapshots");
    }

    @Test
    void aTensorOutsideTheMapIsLeftOutWithAWarning() throws IOException {
        sharded();
        weights(folder.resolve(TWO), "c", "extra");
        Checkpoint checkpoint = Checkpoint.open(folder);
        assertThat(checkpoint.tensors()).containsOnlyKeys("a", "b", "c");
        assertThat(checkpoint.warnings()).singleElement().asString().contains(TWO, "'extra'", "left out");
    }

    @Test
    void aTensorInTwoShardsIsRefused() throws IOException {
        sharded();
        weights(folder.resolve(TWO), "c", "a");
        assertThat(error(folder)).hasMessageContainingAll(ONE, TWO, "'a'", "is also in");
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        sharded();
        Files.delete(folder.resolve(TWO));
        assertThat(error(folder)).hasMessage(folder.resolve(TWO) + ": no such file, but "
                + ShardIndex.FILE_NAME + " lists it");
    }

    @Test
    void aMappedTensorMustBeInItsShard() throws IOException {
        sharded();
        weights(folder.resolve(TWO), "other");
        assertThat(error(folder)).hasMessageContainingAll(TWO, "tensor 'c' is not in the file");
        weights(folder.resolve(TWO), "c");
        Files.write(folder.resolve(ShardIndex.FILE_NAME), index("a", TWO, "b", ONE, "c", TWO));
        assertThat(error(folder)).hasMessageContainingAll(TWO, "tensor 'a' is not in the file", "it is in " + ONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../model.safetensors", "/etc/passwd", "sub/model.safetensors", "..", ".", "", "a\\\\b",
        "C:x", "a\\u0000b", "a\\nb"})
    void shardNamesMustBePlain(String name) throws IOException {
        Files.writeString(folder.resolve(ShardIndex.FILE_NAME), "{\"weight_map\":{\"a\":\"" + name + "\"}}");
        CheckpointException error = error(folder);
        assertThat(error).hasMessageContainingAll(ShardIndex.FILE_NAME + ":1:20", "of tensor 'a' is not a plain file");
        assertThat(error.getMessage().lines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{} | no tensors",
        "{\"weight_map\":{}} | no tensors",
        "[] | an object expected, found a list",
        "{\"weight_map\":[]} | weight_map: an object expected, found a list",
        "{\"weight_map\":{\"a\":1}} | a file name for 'a' expected, found 1",
        "{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}} | :1:27: not valid JSON: Duplicate",
        "{\"weight_map\":{\"a\" | :1:19: not valid JSON: Unexpected end-of-input",
        "{\"weight_map\":{\"a\":\"model.safetensors\"}} x | not valid JSON"})
    void aBrokenIndexIsRefusedWithItsPosition(String text, String expected) throws IOException {
        weights(folder.resolve("model.safetensors"), "a");
        Files.writeString(folder.resolve(ShardIndex.FILE_NAME), text);
        assertThat(error(folder)).hasMessageStartingWith(folder.resolve(ShardIndex.FILE_NAME) + ":1:")
                .hasMessageContaining(expected);
    }

    @Test
    void anIndexMayLackTheRest() throws IOException {
        weights(folder.resolve(ONE), "a");
        Files.writeString(folder.resolve(ShardIndex.FILE_NAME),
                "{\"metadata\": null, \"more\": [{}], \"weight_map\": {\"a\": \"" + ONE + "\"}}");
        assertThat(Checkpoint.open(folder).tensors()).containsOnlyKeys("a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "pytorch_model.bin | convert the PyTorch weights",
        "pytorch_model.bin.index.json | convert the PyTorch weights",
        "model-q4.gguf | Found 'model-q4.gguf' only",
        "adapter_model.safetensors | LoRA adapter",
        "consolidated.safetensors | give the path of that file itself",
        "diffusion.safetensors.index.json | 'diffusion.safetensors.index.json'",
        "README.md | download the model's weights"})
    void hintsAtWhatIsInTheDirectoryInstead(String present, String hint) throws IOException {
        Files.createFile(folder.resolve(present));
        CheckpointException error = error(folder);
        assertThat(error).hasMessageContaining("neither model.safetensors.index.json nor model.safetensors");
        assertThat(error.hint()).contains(hint);
    }

    @Test
    void nothingThereIsSaid() throws IOException {
        assertThat(error(folder)).hasMessage(folder + ": the directory is empty");
        CheckpointException missing = error(folder.resolve("org/model"));
        assertThat(missing).hasMessageContaining("no such file or directory");
        assertThat(missing.hint()).contains("hf download");
        Files.createSymbolicLink(folder.resolve("model.safetensors"), Path.of("gone"));
        assertThat(error(folder)).hasMessageContaining("the symbolic link leads to a file that does not exist");
        Files.delete(folder.resolve("model.safetensors"));
        Files.createDirectory(folder.resolve("model.safetensors"));
        assertThat(error(folder)).hasMessageEndingWith("model.safetensors: is a directory");
    }

    @Test
    void aDeviceIsNotOpened() {
        assertThat(error(Path.of("/dev/zero"))).hasMessage("/dev/zero: is no regular file");
    }

    @Test
    void theIndexIsWrittenAsHuggingFaceDoes() throws IOException {
        SequencedMap<String, String> map = new LinkedHashMap<>();
        map.put("lm_head.weight", ONE);
        map.put("caf\u00e9", TWO);
        Path file = Files.write(folder.resolve("i.index.json"), new ShardIndex(5_000_000_000L, map).toJson());
        assertThat(Files.readString(file)).isEqualTo("""
                {
                  "metadata": {
                    "total_size": 5000000000
                  },
                  "weight_map": {
                    "lm_head.weight": "model-00001-of-00002.safetensors",
                    "caf\\u00e9": "model-00002-of-00002.safetensors"
                  }
                }
                """);
        assertThat(ShardIndex.readWeightMap(file)).containsExactlyEntriesOf(map);
    }

    private void sharded() throws IOException {
        weights(folder.resolve(ONE), "a", "b");
        weights(folder.resolve(TWO), "c");
        Files.write(folder.resolve(ShardIndex.FILE_NAME), index("a", ONE, "b", ONE, "c", TWO));
    }

    private static byte[] index(String... namesAndFiles) {
        SequencedMap<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndFiles.length; i += 2) {
            map.put(namesAndFiles[i], namesAndFiles[i + 1]);
        }
        return new ShardIndex(0, map).toJson();
    }

    private static Path weights(Path file, String... names) throws IOException {
        SafetensorsLayout layout = SafetensorsLayout.of(
                Stream.of(names).map(name -> new TensorSpec(name, Dtype.F32, Shape.of(2))).toList());
        return Files.write(file, Arrays.copyOf(layout.header(), (int) layout.fileSize()));
    }

    private static CheckpointException error(Path location) {
        CheckpointException error = catchThrowableOfType(CheckpointException.class, () -> Checkpoint.open(location));
        assertThat(error).isNotNull();
        assertThat(error.hint().lines()).hasSize(1);
        return error;
    }
}
