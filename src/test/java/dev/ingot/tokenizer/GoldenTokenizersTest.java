// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Embeddings of merges that mergekit made with tokenizer settings. Its order of added tokens is arbitrary, so rows are
 * compared by the token's text.
 */
class GoldenTokenizersTest {
    private static final Path ROOT = Path.of("src/test/resources/tokenizers");
    private static final List<String> MATRICES = List.of("model.embed_tokens.weight", "lm_head.weight");
    private static final double TOLERANCE = 1e-6;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "base_linear, linear, 0.5 0.5",
        "model_b_linear, linear, 0.4 0.6",
        "tokens_forced, linear, 0.5 0.5",
        "union_linear, linear, 0.5 0.3 0.2",
        "union_slerp, slerp, 0.5",
        "union_task_arithmetic, task_arithmetic, 0.7 0.4",
    })
    void rowsEqualMergekits(String name, String method, String numbers) {
        MergeConfig config = MergeConfig.load(ROOT.resolve(name).resolve("config.yml"));
        ModelReference base = config.baseModel().orElseThrow();
        List<TokenizerInput> inputs =
                config.referencedModels().stream().map(GoldenTokenizersTest::input).toList();
        TokenizerMerge merge = TokenizerMerge.of(config.tokenizer().orElseThrow(), base, inputs);
        List<ModelReference> participants = List.copyOf(config.referencedModels());
        EmbeddingPlan plan = merge.embeddingPlan(participants);

        Vocabulary expected = Tokenizer.read(ROOT.resolve(name)).orElseThrow().vocabulary();
        assertThat(new TreeSet<>(TestTokenizer.tokens(merge.vocabulary()).values()))
                .isEqualTo(new TreeSet<>(TestTokenizer.tokens(expected).values()));
        long size = ModelConfig.read(ROOT.resolve(name).resolve("config.json")).integer("vocab_size").orElseThrow();
        assertThat(merge.vocabSize()).isEqualTo((int) size);

        List<Double> weights = List.of(numbers.split(" ")).stream().map(Double::valueOf).toList();
        for (String tensor : MATRICES) {
            List<double[][]> mapped = apply(plan, tensor);
            double[][] merged = merge(method, weights, mapped, participants.indexOf(base));
            double[][] golden = matrix(ROOT.resolve(name), tensor);
            assertThat(golden).hasNumberOfRows(merged.length);
            for (int row = 0; row < merged.length; row++) {
                String text = merge.vocabulary().token(row);
                int other = text == null ? row : expected.id(text).orElseThrow();
                assertThat(merged[row]).as(tensor + " " + text).containsExactly(golden[other], within(TOLERANCE));
            }
        }
        Vocabulary written = TestTokenizer.write(folder.resolve(name), merge.files(Optional.empty())).vocabulary();
        assertThat(TestTokenizer.tokens(written)).isEqualTo(TestTokenizer.tokens(merge.vocabulary()));
        assertThat(written.addedTokens()).isEqualTo(merge.vocabulary().addedTokens());
    }

    @Test
    void withoutTokenizerTheCommonRowsAreMerged() {
        SequencedMap<ModelReference, Integer> rows = new LinkedHashMap<>();
        for (String model : List.of("a", "a_padded")) {
            rows.put(ModelReference.of(model), matrix(ROOT.resolve("models").resolve(model), MATRICES.get(0)).length);
        }
        EmbeddingPlan plan = EmbeddingPlan.commonRows(rows);
        for (String tensor : MATRICES) {
            double[][] merged = merge("linear", List.of(0.5, 0.5), apply(plan, tensor), 0);
            double[][] golden = matrix(ROOT.resolve("padded_no_tokenizer"), tensor);
            assertThat(golden).hasNumberOfRows(merged.length);
            for (int row = 0; row < merged.length; row++) {
                assertThat(merged[row]).containsExactly(golden[row], within(TOLERANCE));
            }
        }
    }

    private static TokenizerInput input(ModelReference model) {
        Path directory = ROOT.resolve("models").resolve(model.path());
        int rows = Math.toIntExact(ModelConfig.read(directory.resolve("config.json")).integer("vocab_size").orElseThrow());
        return new TokenizerInput(model, Tokenizer.read(directory), rows);
    }

    /** What the executor does with a plan, in plain Java. */
    private static List<double[][]> apply(EmbeddingPlan plan, String tensor) {
        Map<ModelReference, double[][]> own = new LinkedHashMap<>();
        plan.sources().forEach(model -> own.put(model, matrix(ROOT.resolve("models").resolve(model.path()), tensor)));
        SharedRows shared = plan.shared();
        List<double[][]> matrices = new ArrayList<>();
        for (RowMap map : plan.maps()) {
            double[][] from = own.get(map.model());
            int width = from[0].length;
            double[][] to = new double[plan.rows()][width];
            for (int row = 0; row < map.tokenRows(); row++) {
                if (map.source(row) >= 0) {
                    to[row] = from[map.source(row)].clone();
                } else {
                    int entry = shared.entryOf(row);
                    for (int part = 0; part < shared.parts(entry); part++) {
                        double[] values = own.get(plan.sources().get(shared.model(entry, part)))[shared.row(entry, part)];
                        for (int i = 0; i < width; i++) {
                            to[row][i] += values[i] / shared.parts(entry);
                        }
                    }
                }
            }
            for (int row = map.tokenRows(); row < map.rows(); row++) {
                assertThat(map.source(row)).isEqualTo(RowMap.MEAN);
                for (int i = 0; i < width; i++) {
                    for (int token = 0; token < map.tokenRows(); token++) {
                        to[row][i] += to[token][i] / map.tokenRows();
                    }
                }
            }
            matrices.add(to);
        }
        return matrices;
    }

    private static double[][] merge(String method, List<Double> numbers, List<double[][]> models, int base) {
        double[] weights = switch (method) {
            case "linear" -> {
                double sum = numbers.stream().mapToDouble(Double::doubleValue).sum();
                yield numbers.stream().mapToDouble(weight -> weight / sum).toArray();
            }
            case "slerp" -> slerp(numbers.getFirst(), models.get(base), models.get(1 - base), base);
            case "task_arithmetic" -> {
                double[] all = new double[models.size()];
                all[base] = 1;
                int next = 0;
                for (int i = 0; i < all.length; i++) {
                    if (i != base) {
                        all[i] = numbers.get(next++);
                        all[base] -= all[i];
                    }
                }
                yield all;
            }
            default -> throw new IllegalArgumentException(method);
        };
        double[][] sum = new double[models.getFirst().length][models.getFirst()[0].length];
        for (int model = 0; model < weights.length; model++) {
            for (int row = 0; row < sum.length; row++) {
                for (int i = 0; i < sum[row].length; i++) {
                    sum[row][i] += weights[model] * models.get(model)[row][i];
                }
            }
        }
        return sum;
    }

    private static double[] slerp(double t, double[][] from, double[][] to, int base) {
        double cosine = dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to));
        double angle = Math.acos(cosine);
        double[] weights = new double[2];
        weights[base] = Math.sin((1 - t) * angle) / Math.sin(angle);
        weights[1 - base] = Math.sin(t * angle) / Math.sin(angle);
        return weights;
    }

    private static double dot(double[][] a, double[][] b) {
        double sum = 0;
        for (int row = 0; row < a.length; row++) {
            for (int i = 0; i < a[row].length; i++) {
                sum += a[row][i] * b[row][i];
            }
        }
        return sum;
    }

    private static double[][] matrix(Path directory, String name) {
        TensorRef reference = Checkpoint.open(directory).find(name).orElseThrow();
        byte[] data = new byte[Math.toIntExact(reference.bytes())];
        try (RandomAccessFile in = new RandomAccessFile(reference.file().toFile(), "r")) {
            in.seek(reference.offset());
            in.readFully(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        TestTensor tensor = new TestTensor(name, reference.dtype(), reference.shape(), data);
        double[] values = tensor.values();
        int rows = Math.toIntExact(tensor.shape().dims().getFirst());
        int width = values.length / rows;
        double[][] matrix = new double[rows][width];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values, row * width, matrix[row], 0, width);
        }
        return matrix;
    }
}
