// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.ExitCode;
import dev.ingot.error.IngotException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake ends in one clear error, soon, and leaves the disk as it was. */
class BadInputTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final String TENSOR = "model.layers.0.weight";

    @TempDir
    private Path models;

    private final Ingot ingot = Ingot.create();

    @BeforeEach
    void writeModels() throws IOException {
        Merges.models(models, Map.of("base", tensors(1), "a", tensors(2), "b", tensors(3)));
        Files.writeString(models.resolve("base/config.json"), "{\"num_hidden_layers\": 1}");
    }

    private static List<TestTensor> tensors(float value) {
        return List.of(
                TestTensor.of(TENSOR, Dtype.F32, Shape.of(4, 5), Merges.constant(20, value)),
                TestTensor.of("model.norm.weight", Dtype.F32, Shape.of(5), Merges.constant(5, value)));
    }

    static Stream<BadInput> configurations() {
        return Stream.of(
                BadInput.config("not YAML", "merge_method: [", "1:16"),
                BadInput.config("empty", "", ""),
                BadInput.config("a list", "- a\n", ""),
                BadInput.config("unknown method", "merge_method: tise\nmodels: [{model: a}]\n", "unknown merge method 'tise'"),
                BadInput.config("unknown key", BadInput.GOOD + "merge_metod: ties\n", "merge_metod"),
                BadInput.config("key twice", BadInput.GOOD + "base_model: a\n", "base_model"),
                BadInput.config("unknown parameter", BadInput.GOOD + "parameters: {wieght: 1}\n", "no parameter 'wieght'"),
                BadInput.config("unknown dtype", BadInput.GOOD + "dtype: bf17\n", "bf17"),
                BadInput.config("integer dtype", BadInput.GOOD + "out_dtype: int64\n", "int64"),
                BadInput.config("no models", "merge_method: linear\nmodels: []\n", "models"),
                BadInput.config("models and slices", BadInput.GOOD
                        + "slices: [{sources: [{model: a, layer_range: [0, 1]}]}]\n", "slices"),
                BadInput.config("no base", "merge_method: ties\nmodels: [{model: a, parameters: {weight: 1}}]\n",
                        "needs a base model"),
                BadInput.config("only the base", "merge_method: ties\nbase_model: base\nmodels: [{model: base}]\n",
                        "at least 1 model"),
                BadInput.config("too many models", slerp("{t: 0.5}", "base", "a", "b"), "exactly 2"),
                BadInput.config("required parameter", slerp("{}", "base", "a"), "required parameter 't'"),
                BadInput.config("zero weights", "merge_method: linear\nmodels: [{model: a}, {model: b}]\n"
                        + "parameters: {weight: 0}\n", "sum to 0"),
                BadInput.config("weights near zero", "merge_method: linear\nmodels: [{model: a, parameters: {weight: 0.3}},"
                        + " {model: b, parameters: {weight: -0.3000000001}}]\n", "sum to 0"),
                BadInput.config("huge weight", "merge_method: linear\nmodels: [{model: a}, {model: b}]\n"
                        + "parameters: {weight: 1.0e+60, normalize: false}\n", "too large"),
                BadInput.config("density 0", ties("density: 0"), "density 0"),
                BadInput.config("density above 1", ties("density: 1.5"), "density 1.5"),
                BadInput.config("negative density", ties("density: -0.5"), "density -0.5"),
                BadInput.config("density runs out of range", ties("density: [0.5, 0]"), "density"),
                BadInput.config("density is no number", ties("density: .nan"), "nan"),
                BadInput.config("density is text", ties("density: half"), "half"),
                BadInput.config("weight is no number", ties("weight: .nan"), "nan"),
                BadInput.config("infinite weight", ties("weight: .inf"), "inf"),
                BadInput.config("weight is missing", "merge_method: ties\nbase_model: base\nmodels: [{model: a}]\n",
                        "required parameter 'weight'"),
                BadInput.config("flag is a number", BadInput.GOOD + "parameters: {normalize: 0.5}\n", "normalize 0.5"),
                BadInput.config("layer range too long", slices("[0, 9]"), "layer_range ends at 9"),
                BadInput.config("layer range backwards", slices("[1, 0]"), "layer_range"),
                BadInput.of("tokenizer of models without embeddings", BadInput.GOOD + "tokenizer_source: union\n",
                        ExitCode.CHECKPOINT, "embedding"),
                BadInput.config("adapter", BadInput.GOOD.replace("model: a", "model: a+b"), "LoRA"),
                BadInput.of("no such model", BadInput.GOOD.replace("model: b", "model: c"), ExitCode.CHECKPOINT,
                        "no such directory or file"),
                BadInput.of("no such base", BadInput.GOOD.replace("base_model: base", "base_model: bass"),
                        ExitCode.CHECKPOINT, "bass"));
    }

    private static String slerp(String parameters, String... names) {
        StringBuilder yaml = new StringBuilder("merge_method: slerp\nbase_model: base\nmodels:\n");
        for (String name : names) {
            yaml.append("- model: ").append(name).append('\n');
        }
        return yaml.append("parameters: ").append(parameters).append('\n').toString();
    }

    private static String ties(String parameter) {
        String weight = parameter.startsWith("weight") ? "" : "weight: 1, ";
        return "merge_method: ties\nbase_model: base\nmodels: [{model: a, parameters: {" + weight + parameter + "}}]\n";
    }

    private static String slices(String range) {
        return "merge_method: passthrough\nslices: [{sources: [{model: a, layer_range: " + range + "}]}]\n";
    }

    static Stream<BadInput> checkpoints() {
        return Stream.of(
                BadInput.model("no weights", "the directory is empty", m -> Files.delete(m.resolve("a/" + WEIGHTS))),
                BadInput.model("empty file", "a/" + WEIGHTS, m -> Files.write(m.resolve("a/" + WEIGHTS), new byte[0])),
                BadInput.model("GGUF", "a/" + WEIGHTS, m -> text(m, "GGUF" + "x".repeat(100))),
                BadInput.model("pickle", "a/" + WEIGHTS, m -> text(m, "PK\3\4" + "x".repeat(100))),
                BadInput.model("HTML", "a/" + WEIGHTS, m -> text(m, "<!doctype html>" + " ".repeat(100))),
                BadInput.model("pointer of git-lfs", "a/" + WEIGHTS,
                        m -> text(m, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n")),
                BadInput.model("truncated data", "a/" + WEIGHTS, m -> resize(m.resolve("a/" + WEIGHTS), -1)),
                BadInput.model("too much data", "a/" + WEIGHTS, m -> resize(m.resolve("a/" + WEIGHTS), 1)),
                BadInput.model("header over 100 MB", "100", BadInputTest::longHeader),
                BadInput.model("overlapping offsets", TENSOR, m -> header(m, entry(TENSOR, "F32", "[4,5]", 0, 80)
                        + "," + entry("model.norm.weight", "F32", "[5]", 76, 96), 96)),
                BadInput.model("offsets beyond the file", "a/" + WEIGHTS,
                        m -> header(m, entry(TENSOR, "F32", "[4,5]", 0, 80), 40)),
                BadInput.model("offsets backwards", TENSOR, m -> header(m, entry(TENSOR, "F32", "[4,5]", 80, 0), 80)),
                BadInput.model("shape and size differ", TENSOR, m -> header(m, entry(TENSOR, "F32", "[4,6]", 0, 80), 80)),
                BadInput.model("unknown type", "F33", m -> header(m, entry(TENSOR, "F33", "[4,5]", 0, 80), 80)),
                BadInput.model("tensor twice", TENSOR, m -> header(m,
                        entry(TENSOR, "F32", "[1]", 0, 4) + "," + entry(TENSOR, "F32", "[1]", 4, 8), 8)),
                BadInput.model("header is no JSON", "a/" + WEIGHTS, m -> header(m, "nonsense", 0)),
                new BadInput(
                        "shapes differ",
                        BadInput.GOOD.replace("task_arithmetic", "linear"),
                        ExitCode.CHECKPOINT,
                        "[5, 4]",
                        m -> TestCheckpoint.write(m.resolve("b"), List.of(
                                TestTensor.of(TENSOR, Dtype.F32, Shape.of(5, 4), new float[20]), tensors(1).getLast())),
                        (request, directory) -> request),
                BadInput.model("tensor is missing", "is missing",
                        m -> TestCheckpoint.write(m.resolve("b"), tensors(1).subList(0, 1))),
                BadInput.model("shard is missing", "model-00002-of-00002.safetensors", m -> {
                    Files.delete(m.resolve("a/" + WEIGHTS));
                    TestCheckpoint.writeSharded(m.resolve("a"), tensors(1));
                    Files.delete(m.resolve("a/model-00002-of-00002.safetensors"));
                }),
                BadInput.model("broken index", "index.json",
                        m -> Files.writeString(m.resolve("a/model.safetensors.index.json"), "{\"weight_map\": ")),
                BadInput.model("broken config.json", "config.json",
                        m -> Files.writeString(m.resolve("base/config.json"), "{\"num_hidden_layers\": ")),
                BadInput.model("config.json is a directory", "config.json", m -> {
                    Files.delete(m.resolve("base/config.json"));
                    Files.createDirectory(m.resolve("base/config.json"));
                }));
    }

    private static void text(Path models, String content) throws IOException {
        Files.write(models.resolve("a/" + WEIGHTS), content.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void resize(Path file, int by) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(out.length() + by);
        }
    }

    /** A sparse file whose length field says 100000001, one more than readers accept. */
    private static void longHeader(Path models) throws IOException {
        Path file = models.resolve("a/" + WEIGHTS);
        Files.delete(file);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.writeLong(Long.reverseBytes(100_000_001));
            out.writeBytes("{");
            out.setLength(110_000_000);
        }
    }

    private static void header(Path models, String entries, int dataBytes) throws IOException {
        TestCheckpoint.writeRaw(models.resolve("a/" + WEIGHTS), "{" + entries + "}", List.of(new byte[dataBytes]));
    }

    private static String entry(String name, String dtype, String shape, int begin, int end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}".formatted(name, dtype, shape, begin, end);
    }

    static Stream<BadInput> requests() {
        return Stream.of(
                BadInput.request("unknown backend", ExitCode.USAGE, "no backend gpu", (r, m) -> r.withBackend("gpu")),
                BadInput.request("unknown I/O mode", ExitCode.USAGE, "'dma'", (r, m) -> r.withIo("dma")),
                BadInput.request("no threads", ExitCode.USAGE, "at least 1 thread", (r, m) -> r.withThreads(0)),
                BadInput.request("size without a number", ExitCode.USAGE, "'many'", (r, m) -> r.withShardSize("many")),
                BadInput.request("too large a size", ExitCode.USAGE, "too large",
                        (r, m) -> r.withShardSize("999999999999999TB")),
                BadInput.request("little memory", ExitCode.RESOURCES, "MiB", (r, m) -> r.withMemory(1 << 20)),
                BadInput.request("no memory", ExitCode.RESOURCES, "MiB", (r, m) -> r.withMemory(-1)),
                BadInput.request("output is an input", ExitCode.USAGE, "is the input model",
                        (r, m) -> to(m, m.resolve("a"))),
                BadInput.request("output is the base", ExitCode.USAGE, "is the input model",
                        (r, m) -> to(m, m.resolve("b/../base")).withOverwrite(true)),
                BadInput.request("output links to an input", ExitCode.USAGE, "is the input model",
                        (r, m) -> to(m, link(m.resolve("link"), m.resolve("a"))).withOverwrite(true)),
                new BadInput("an input is a link into the output", BadInput.GOOD, ExitCode.USAGE, "holds an input",
                        m -> moveAway(m.resolve("a/" + WEIGHTS), m.resolve("store")),
                        (r, m) -> to(m, m.resolve("store")).withOverwrite(true)),
                BadInput.request("output holds a model", ExitCode.USAGE, "already holds a model",
                        (r, m) -> to(m, m.resolve("other"))),
                BadInput.request("output is a file", ExitCode.RESOURCES, "is no directory",
                        (r, m) -> to(m, m.resolve("a/" + WEIGHTS))),
                BadInput.request("output is below a file", ExitCode.RESOURCES, "is no directory",
                        (r, m) -> to(m, m.resolve("a/" + WEIGHTS + "/deep/out"))),
                BadInput.request("output cannot be created", ExitCode.RESOURCES, "/proc",
                        (r, m) -> to(m, Path.of("/proc/ingot/out"))));
    }

    private static MergeRequest to(Path models, Path output) {
        return MergeRequest.ofYaml(BadInput.GOOD, "test.yml", models, output);
    }

    /** Leaves a link where the file was. */
    private static void moveAway(Path file, Path directory) throws IOException {
        link(file, Files.move(file, Files.createDirectories(directory).resolve("blob")));
    }

    private static Path link(Path link, Path target) {
        try {
            return Files.createSymbolicLink(link, target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource({"configurations", "checkpoints", "requests"})
    void isRefused(BadInput input) throws IOException {
        TestCheckpoint.write(models.resolve("other"), tensors(9));
        input.spoil().accept(models);
        IngotException error = refusal(input);
        assertThat(error.exitCode()).as(error.getMessage()).isEqualTo(input.exitCode());
        assertThat(error.getMessage()).contains(input.message()).isNotBlank().doesNotContain("\n");
        assertThat(error.hint()).isNotBlank().doesNotContain("\n");
    }

    private IngotException refusal(BadInput input) throws IOException {
        Map<String, Long> before = files();
        long start = cpuTime();
        IngotException error = catchThrowableOfType(IngotException.class, () -> {
            MergeRequest request = MergeRequest.ofYaml(input.yaml(), "test.yml", models, models.resolve("x/out"));
            ingot.merge(input.request().apply(request, models));
        });
        assertThat(error).as("the error").isNotNull();
        assertThat(Duration.ofNanos(cpuTime() - start)).as("time").isLessThan(Duration.ofSeconds(1));
        Map<String, Long> after = files();
        after.remove("link");
        assertThat(after).as("files afterwards").isEqualTo(before);
        return error;
    }

    /** Of this thread: other work on the machine must not fail the test. */
    private static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Paths below the models, directories too, with sizes and times. */
    private Map<String, Long> files() throws IOException {
        Map<String, Long> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(models)) {
            for (Path path : all.toList()) {
                long state = Files.isRegularFile(path)
                        ? Files.size(path) * 31 + Files.getLastModifiedTime(path).toMillis()
                        : 0;
                files.put(models.relativize(path).toString(), state);
            }
        }
        return files;
    }

    @Test
    void theGoodConfigurationIsGood() throws IOException {
        MergeResult result = ingot.merge(
                MergeRequest.ofYaml(BadInput.GOOD, "test.yml", models, models.resolve("x/out")));
        assertThat(TestCheckpoint.read(result.output()).get(TENSOR).values()).containsOnly(2.5);
    }

    @Test
    void configurationFileIsMissing() {
        IngotException error = catchThrowableOfType(
                IngotException.class, () -> MergeRequest.of(models.resolve("no.yml"), models.resolve("out")));
        assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIG);
        assertThat(error.getMessage()).contains("no.yml").doesNotContain("\n");
    }
}
