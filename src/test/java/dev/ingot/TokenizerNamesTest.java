// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.CheckpointException;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.fixture.TestVocabularies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows of tokens where embeddings and heads have several names, are one tensor, or are copied from one model. */
class TokenizerNamesTest {
    private static final int WIDTH = TestVocabularies.WIDTH;
    private static final String EMBEDDING = TestVocabularies.EMBEDDING;
    private static final String HEAD = TestVocabularies.HEAD;
    private static final String LLAMA = "{\"model_type\": \"llama\", \"num_hidden_layers\": 1%s}";

    @TempDir
    private Path directory;

    private Path vocabularies;

    @BeforeEach
    void writeVocabularies() throws IOException {
        vocabularies = TestVocabularies.write(directory.resolve("vocabularies"));
    }

    /** Writes a model with a vocabulary's tokens and the given tensors of it under the given names. */
    private void model(String source, String config, Map<String, String> names) throws IOException {
        SortedMap<String, TestTensor> stored = TestCheckpoint.read(vocabularies.resolve(source));
        List<TestTensor> tensors = new ArrayList<>();
        names.forEach((name, from) -> {
            TestTensor tensor = stored.get(from);
            tensors.add(new TestTensor(name, tensor.dtype(), tensor.shape(), tensor.data()));
        });
        tensors.add(TestTensor.vector(
                config.contains("llava") ? "model.multi_modal_projector.linear_1.bias" : "model.norm.weight", Dtype.F32, 1, 2));
        Path model = directory.resolve("models").resolve(source);
        TestCheckpoint.write(model, tensors);
        TestVocabularies.writeTokenizer(model, TestVocabularies.tokens().get(source));
        Files.writeString(model.resolve("config.json"), config);
    }

    private Path merge(String yaml) {
        return Ingot.create()
                .merge(MergeRequest.ofYaml(yaml, "test.yml", directory.resolve("models"), directory.resolve("out")))
                .output();
    }

    private double[][] rows(String source, String tensor) throws IOException {
        return rows(TestCheckpoint.read(vocabularies.resolve(source)).get(tensor));
    }

    private static double[][] rows(TestTensor tensor) {
        double[] values = tensor.values();
        double[][] rows = new double[values.length / WIDTH][];
        for (int row = 0; row < rows.length; row++) {
            rows[row] = Arrays.copyOfRange(values, row * WIDTH, (row + 1) * WIDTH);
        }
        return rows;
    }

    /** A row that a model lends to the base, in the base's type. */
    private static double[] lent(double[] stored) {
        float[] values = new float[stored.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) stored[i];
        }
        return TestTensor.of("row", Dtype.BF16, Shape.of(WIDTH), values).values();
    }

    @Test
    void aCopiedEmbeddingFollowsTheTokens() throws IOException {
        String config = "{\"model_type\": \"llava\", \"text_config\": {\"vocab_size\": 720, \"num_hidden_layers\": 1}}";
        Map<String, String> names = Map.of("model.language_model.embed_tokens.weight", EMBEDDING, HEAD, HEAD);
        model("base", config, names);
        model("a", config, names);
        Path output = merge("""
                merge_method: linear
                base_model: base
                modules:
                  multi_modal_projector: {models: [{model: base}, {model: a}]}
                parameters: {weight: 1}
                tokenizer: {source: a, pad_to_multiple_of: 64}
                """);
        SortedMap<String, TestTensor> found = TestCheckpoint.read(output);
        List<String> tokens = TestVocabularies.tokens().get("a");
        for (Map.Entry<String, String> name : names.entrySet()) {
            double[][] merged = rows(found.get(name.getKey()));
            double[][] base = rows("base", name.getValue());
            assertThat(merged).hasNumberOfRows(768);
            for (int row = 0; row < tokens.size(); row++) {
                int own = Integer.parseInt(tokens.get(row).substring(1));
                assertThat(merged[row]).as("row " + row).containsExactly(own < 700 ? base[own] : new double[WIDTH]);
            }
            assertThat(merged[767]).isEqualTo(merged[750]).isNotEqualTo(new double[WIDTH]);
        }
        ModelConfig written = ModelConfig.read(output.resolve("config.json"));
        assertThat(written.integer("text_config.vocab_size")).contains(768L);
        assertThat(written.contains("vocab_size")).isFalse();
    }

    @Test
    void aLenderMaySpellNamesInAnotherWay() throws IOException {
        model("base", LLAMA.formatted(""), Map.of(EMBEDDING, EMBEDDING, HEAD, HEAD));
        model("b", LLAMA.formatted(", \"tie_word_embeddings\": true"), Map.of("embed_tokens.weight", EMBEDDING));
        Path output = merge("""
                merge_method: passthrough
                models: [{model: base}]
                dtype: float32
                tokenizer:
                  source: base
                  tokens: {t9: {source: {kind: model_token, model: b, token_id: 3}, force: true}}
                """);
        SortedMap<String, TestTensor> found = TestCheckpoint.read(output);
        double[] lent = lent(rows("b", EMBEDDING)[3]);
        assertThat(rows(found.get(EMBEDDING))[9]).containsExactly(lent);
        // The lender's head is its embedding.
        assertThat(rows(found.get(HEAD))[9]).containsExactly(lent);
        assertThat(rows(found.get(HEAD))[8]).containsExactly(rows("base", HEAD)[8]);
    }

    @Test
    void aLenderWithoutTheTensorIsRefused() throws IOException {
        model("base", LLAMA.formatted(""), Map.of(EMBEDDING, EMBEDDING, "lm_head.bias", "lm_head.bias"));
        model("b", LLAMA.formatted(""), Map.of(EMBEDDING, EMBEDDING));
        CheckpointException error = catchThrowableOfType(CheckpointException.class, () -> merge("""
                merge_method: passthrough
                models: [{model: base}]
                tokenizer: {source: base, tokens: {x5: {source: b}}}
                """));
        assertThat(error).hasMessageContaining("lm_head.bias").hasMessageContaining("is missing");
        assertThat(error.hint()).contains("embeddings from this model");
    }

    @Test
    void aModelThatOnlyLendsRowsAddsNoHead() throws IOException {
        model("base", LLAMA.formatted(""), Map.of(EMBEDDING, EMBEDDING));
        model("b", LLAMA.formatted(""), Map.of(EMBEDDING, EMBEDDING, HEAD, HEAD));
        String tokenizer = "tokenizer: {source: base, tokens: {x5: {source: b}}}\n";
        Path output = merge("merge_method: passthrough\nmodels: [{model: base}]\n" + tokenizer);
        assertThat(TestCheckpoint.read(output)).containsOnlyKeys(EMBEDDING, "model.norm.weight");
    }

    @Test
    void aTiedHeadFollowsTheEmbedding() throws IOException {
        String tied = LLAMA.formatted(", \"tie_word_embeddings\": true");
        model("base", tied, Map.of(EMBEDDING, EMBEDDING));
        model("a", tied, Map.of(EMBEDDING, EMBEDDING));
        String yaml = """
                merge_method: linear
                base_model: base
                models: [{model: base, parameters: {weight: 1}}, {model: a, parameters: {weight: 0}}]
                tokenizer_source: a
                dtype: float32
                """;
        SortedMap<String, TestTensor> found = TestCheckpoint.read(merge(yaml));
        assertThat(found).containsOnlyKeys(EMBEDDING, "model.norm.weight");
        assertThat(found.get(EMBEDDING).shape()).isEqualTo(Shape.of(750, WIDTH));

        // With a head of its own in one model the other's embedding, in the same order, stands for its head.
        model("a", LLAMA.formatted(""), Map.of(EMBEDDING, EMBEDDING, HEAD, HEAD));
        Path output = directory.resolve("untied");
        Ingot.create().merge(MergeRequest.ofYaml(yaml, "test.yml", directory.resolve("models"), output));
        SortedMap<String, TestTensor> untied = TestCheckpoint.read(output);
        assertThat(ModelConfig.read(output.resolve("config.json")).bool("tie_word_embeddings")).contains(false);
        List<String> tokens = TestVocabularies.tokens().get("a");
        double[][] base = rows("base", EMBEDDING);
        for (String name : List.of(EMBEDDING, HEAD)) {
            double[][] merged = rows(untied.get(name));
            double[][] a = rows("a", name);
            for (int row = 0; row < tokens.size(); row++) {
                int own = Integer.parseInt(tokens.get(row).substring(1));
                assertThat(merged[row]).as(name + " " + row).containsExactly(own < 700 ? base[own] : lent(a[row]));
            }
        }
    }
}
