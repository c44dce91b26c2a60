// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.IngotException;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.exec.IoMode;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.fixture.DisturbedBackend;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.fixture.TestVocabularies;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.tokenizer.Tokenizer;
import dev.ingot.tokenizer.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Merges of models with different vocabularies: which rows the method sees, what is written, what is refused. */
class TokenizerMergingTest {
    private static final int WIDTH = TestVocabularies.WIDTH;
    private static final String UNION = """
            merge_method: linear
            base_model: base
            models: [{model: base}, {model: a}, {model: b}]
            parameters: {weight: 1}
            tokenizer: {source: union, pad_to_multiple_of: 64}
            """;

    @TempDir
    private static Path shared;

    private static Path models;

    @TempDir
    private Path directory;

    @BeforeAll
    static void writeModels() throws IOException {
        models = TestVocabularies.write(shared.resolve("models"));
    }

    private MergeResult merge(String yaml) {
        return Ingot.create().merge(request(yaml));
    }

    private MergeRequest request(String yaml) {
        return MergeRequest.ofYaml(yaml, "test.yml", models, directory.resolve("out"));
    }

    private static double[][] rows(Path model, String tensor) throws IOException {
        TestTensor found = TestCheckpoint.read(model).get(tensor);
        double[] values = found.values();
        int width = found.shape().rank() == 1 ? 1 : WIDTH;
        double[][] rows = new double[values.length / width][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(values, row * width, (row + 1) * width);
        }
        return rows;
    }

    /** A model's rows as a union of base, a and b shows them to the method, one by one from the definition. */
    private static double[][] expected(String model, String tensor, Vocabulary output, int padded) throws IOException {
        Map<String, double[][]> stored = new HashMap<>();
        for (String source : List.of("base", "a", "b")) {
            stored.put(source, rows(models.resolve(source), tensor));
        }
        double[][] result = new double[padded][];
        double[] sums = new double[stored.get(model)[0].length];
        for (int row = 0; row < output.rows(); row++) {
            List<double[]> from = new ArrayList<>();
            for (String source : List.of(model, "base", "a", "b")) {
                int id = TestVocabularies.tokens().get(source).indexOf(output.token(row));
                if (id >= 0) {
                    from.add(stored.get(source)[id]);
                    if (source.equals(model) || source.equals("base")) {
                        break;
                    }
                }
            }
            result[row] = mean(from, model);
            for (int i = 0; i < sums.length; i++) {
                sums[i] += result[row][i];
            }
        }
        double[] padding = Arrays.stream(sums).map(sum -> round(sum / output.rows(), model)).toArray();
        Arrays.fill(result, output.rows(), padded, padding);
        return result;
    }

    private static double[] mean(List<double[]> rows, String model) {
        double[] mean = new double[rows.getFirst().length];
        for (int i = 0; i < mean.length; i++) {
            double sum = 0;
            for (double[] row : rows) {
                sum += row[i];
            }
            mean[i] = round(sum / rows.size(), model);
        }
        return mean;
    }

    /** Rounds to the precision of a model's numbers, which are far from the ends of their ranges. */
    private static double round(double value, String model) {
        int bits = Map.of("base", 8, "a", 24, "b", 11, "c", 8).get(model);
        if (value == 0) {
            return 0;
        }
        double unit = Math.scalb(1.0, Math.max(Math.getExponent(value) - bits + 1, bits == 11 ? -24 : -1000));
        return Math.rint(value / unit) * unit;
    }

    @ParameterizedTest
    @CsvSource({
        "a, model.embed_tokens.weight", "b, model.embed_tokens.weight", "base, lm_head.weight", "b, lm_head.bias",
    })
    void rowsAreThoseOfTheTokens(String model, String tensor) throws IOException {
        MergeResult result = merge("""
                merge_method: linear
                base_model: base
                models:
                - {model: base, parameters: {weight: %d}}
                - {model: a, parameters: {weight: %d}}
                - {model: b, parameters: {weight: %d}}
                dtype: float32
                tokenizer: {source: union, pad_to_multiple_of: 64}
                """.replace("%d", "0").replaceFirst(model + ", parameters: \\{weight: 0", model + ", parameters: {weight: 1"));
        Vocabulary output = Tokenizer.read(result.output()).orElseThrow().vocabulary();
        assertThat(output.rows()).isEqualTo(700 + 150 + 200);
        double[][] found = rows(result.output(), tensor);
        double[][] wanted = expected(model, tensor, output, 1088);
        assertThat(found).hasNumberOfRows(wanted.length);
        for (int row = 0; row < wanted.length; row++) {
            assertThat(found[row]).as("row " + row).containsExactly(wanted[row]);
        }
    }

    @Test
    void sizesAndIdsFollowTheVocabulary() throws IOException {
        MergeResult result = merge("""
                merge_method: linear
                base_model: base
                models: [{model: base}, {model: a}]
                parameters: {weight: 1}
                tokenizer_source: a
                """);
        ModelConfig config = ModelConfig.read(result.output().resolve("config.json"));
        assertThat(config.integer("vocab_size")).contains(750L);
        assertThat(TestCheckpoint.read(result.output()).get(TestVocabularies.HEAD).shape()).isEqualTo(Shape.of(750, WIDTH));
        // Tokens t7 and t8 of the base do not exist in a's vocabulary, so a's own ids count.
        assertThat(config.integers("bos_token_id")).containsExactly(7L);
        assertThat(result.warnings()).noneMatch(warning -> warning.contains("token_id"));
    }

    @Test
    void aTokenThatMovedHasItsNewId() throws IOException {
        Path moved = copy("moved");
        List<String> tokens = new ArrayList<>(TestVocabularies.tokens().get("base"));
        tokens.addFirst("first");
        TestVocabularies.writeTokenizer(moved.resolve("a"), tokens);
        Files.writeString(moved.resolve("base/generation_config.json"), "{\"eos_token_id\": 8, \"top_k\": 50}");
        MergeResult result = Ingot.create().merge(MergeRequest.ofYaml(
                UNION.replace("union", "a"), "test.yml", moved, directory.resolve("out")));
        ModelConfig config = ModelConfig.read(result.output().resolve("config.json"));
        assertThat(config.integers("bos_token_id")).containsExactly(8L);
        assertThat(config.integers("eos_token_id")).containsExactly(8L, 9L);
        ModelConfig generation = ModelConfig.read(result.output().resolve("generation_config.json"));
        assertThat(generation.integers("eos_token_id")).containsExactly(9L);
        assertThat(generation.integers("top_k")).containsExactly(50L);
    }

    private Path copy(String name) throws IOException {
        return TestVocabularies.write(directory.resolve(name));
    }

    @Test
    void withoutTokenizerRowsAreCut() throws IOException {
        MergeResult result = merge("""
                merge_method: task_arithmetic
                base_model: base
                models: [{model: a}, {model: c}]
                parameters: {weight: 0}
                """);
        SortedMap<String, TestTensor> found = TestCheckpoint.read(result.output());
        TestTensor head = TestCheckpoint.read(models.resolve("base")).get(TestVocabularies.HEAD);
        assertThat(found.get(TestVocabularies.HEAD).shape()).isEqualTo(Shape.of(710, WIDTH));
        assertThat(found.get("lm_head.bias").shape()).isEqualTo(Shape.of(710));
        assertThat(found.get(TestVocabularies.HEAD).data()).isEqualTo(Arrays.copyOf(head.data(), 710 * WIDTH * 2));
        assertThat(result.warnings()).anyMatch(warning -> warning.contains("cut to the first 710"));
        assertThat(ModelConfig.read(result.output().resolve("config.json")).integer("vocab_size")).contains(710L);
    }

    @Test
    void aModelThatOnlyTokensNameIsReadAndNotMerged() throws IOException {
        MergeResult result = merge("""
                merge_method: passthrough
                models: [{model: base}]
                tokenizer:
                  source: base
                  tokens:
                    x5: {source: b}
                    t9: {source: {kind: model_token, model: b, token_id: 3}, force: true}
                    nothing: {source: {kind: zero}}
                """);
        double[][] found = rows(result.output(), TestVocabularies.EMBEDDING);
        double[][] b = rows(models.resolve("b"), TestVocabularies.EMBEDDING);
        double[][] base = rows(models.resolve("base"), TestVocabularies.EMBEDDING);
        assertThat(found).hasNumberOfRows(702);
        assertThat(found[8]).containsExactly(base[8]);
        assertThat(found[9]).containsExactly(mean(List.of(b[3]), "base"));
        Vocabulary output = Tokenizer.read(result.output()).orElseThrow().vocabulary();
        assertThat(found[output.id("x5").orElseThrow()]).containsExactly(mean(List.of(b[305]), "base"));
        assertThat(found[output.id("nothing").orElseThrow()]).containsOnly(0);
        assertThat(output.id("x6")).isEmpty();
    }

    @Test
    void thePlanTellsAboutTokens() {
        MergePlan plan = Ingot.create().plan(request(UNION));
        assertThat(plan.toText()).contains("1050, 1088 rows of embeddings");
        assertThat(plan.toJson())
                .contains("\"tokenizer\":{\"tokens\":1050,\"vocabSize\":1088}")
                .contains("{\"model\":\"a\",\"own\":750,\"lent\":300,\"padding\":38}");
        String other = UNION.replace("64", "32");
        assertThat(Ingot.create().plan(request(other)).hash()).isNotEqualTo(plan.hash());
        String forced = UNION.replace("union,", "union, tokens: {t5: {source: a, force: true}},").replace("t5", "t105");
        assertThat(Ingot.create().plan(request(forced)).hash()).isNotEqualTo(plan.hash());
    }

    @Test
    void chatTemplates() throws IOException {
        merge(UNION + "chat_template: chatml\n");
        assertThat(Tokenizer.read(directory.resolve("out")).orElseThrow().chatTemplate().orElseThrow()).contains("<|im_start|>");
        String copied = "merge_method: passthrough\nmodels: [{model: a}]\nchat_template: '{{ messages }} and more text'\n";
        MergeResult result = Ingot.create().merge(MergeRequest.ofYaml(copied, "test.yml", models, directory.resolve("copied")));
        assertThat(Tokenizer.read(result.output()).orElseThrow().chatTemplate()).contains("{{ messages }} and more text");
        MergePlan plan = Ingot.create().plan(
                MergeRequest.ofYaml(copied, "test.yml", models, directory.resolve("none")).withTokenizerCopy(false));
        assertThat(plan.warnings()).anyMatch(warning -> warning.contains("'chat_template' has no effect"));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "tokenizer_source: union@base_model: c; has no tokenizer files",
        "tokenizer_source: nowhere; no such directory",
        "tokenizer: {source: union, tokens: {t5: {source: nowhere}}}; no such directory",
        "tokenizer: {source: union, tokens: {t5: {source: {kind: model_token, model: b, token_id: 5000}}}}; none of id 5000",
        "tokenizer: {source: base, tokens: {zebra: {source: a}}}; has no token 'zebra'",
        "tokenizer: {source: base, pad_to_multiple_of: 0}; pad_to_multiple_of",
        "chat_template: chatml2; invalid chat template",
        "tokenizer_source: damaged; tokenizer.json",
        "tokenizer_source: narrow; rows of tensor",
        "tokenizer_source: integers; cannot be put together",
        "tokenizer_source: headless; no tensor is known to be an embedding",
    })
    void isRefused(String input) throws IOException {
        String[] parts = input.split("; ");
        Path bad = copy("bad");
        Files.delete(bad.resolve("c/model.safetensors"));
        TestCheckpoint.write(bad.resolve("c"), TestCheckpoint.read(models.resolve("c")).values());
        for (String name : List.of("damaged", "narrow", "integers", "headless")) {
            TestCheckpoint.write(bad.resolve(name), List.of(
                    name.equals("integers") ? integers() : TestTensor.of(
                            name.equals("headless") ? "weight" : TestVocabularies.EMBEDDING,
                            Dtype.F32, Shape.of(700, 2), new float[1400])));
            TestVocabularies.writeTokenizer(bad.resolve(name), TestVocabularies.tokens().get("base").subList(0, 700));
        }
        Files.writeString(bad.resolve("damaged/tokenizer.json"), "{\"model\": {\"vocab\": ");
        String model = parts[0].replaceAll("tokenizer_source: (damaged|narrow|integers|headless)", "$1");
        String yaml = model.equals(parts[0])
                ? "merge_method: linear\nmodels: [{model: a}, {model: b}]\nparameters: {weight: 1}\n"
                        + parts[0].replace('@', '\n') + "\n"
                : "merge_method: linear\nmodels: [{model: " + model
                        + "}, {model: a}]\nparameters: {weight: 1}\ntokenizer_source: union\n";
        IngotException error = catchThrowableOfType(IngotException.class, () -> Ingot.create()
                .merge(MergeRequest.ofYaml(yaml, "test.yml", bad, directory.resolve("out"))));
        assertThat(error).as("the error").isNotNull();
        assertThat(error.getMessage()).contains(parts[1]).doesNotContain("\n");
        assertThat(error.hint()).isNotBlank().doesNotContain("\n");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    private static TestTensor integers() {
        return new TestTensor(TestVocabularies.EMBEDDING, Dtype.I8, Shape.of(700, WIDTH), new byte[700 * WIDTH]);
    }

    @Test
    void aStoppedUnionGoesOn() throws IOException {
        MergeRequest request = request(UNION).withBackend("reference").withThreads(1).withShardSize("1KB");
        Ingot.create().merge(MergeRequest.ofYaml(UNION, "test.yml", models, directory.resolve("whole"))
                .withBackend("reference").withThreads(1).withShardSize("1KB"));
        MergeExecutor[] executor = new MergeExecutor[1];
        executor[0] = new MergeExecutor(
                Ingot.create().plan(request).plan(),
                new DisturbedBackend(new ReferenceBackend(), 1, () -> executor[0].cancel()),
                IoMode.AUTO);
        assertThatThrownBy(() -> executor[0].run(resumed -> new LinkedHashMap<>()))
                .isInstanceOf(InterruptedMergeException.class)
                .hasMessageContaining("2 of 4 tensors");
        assertThat(Ingot.create().merge(request).resumedTensors()).isEqualTo(2);
        try (Stream<Path> files = Files.list(directory.resolve("whole"))) {
            Set<String> other = Set.of("ingot_report.json", "README.md");
            for (Path file : files.filter(path -> !other.contains(path.getFileName().toString())).toList()) {
                assertThat(directory.resolve("out").resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
    }
}
