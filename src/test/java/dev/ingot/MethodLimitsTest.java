// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every method with as many models as it says that it takes, and with tensors of every shape. */
class MethodLimitsTest {
    private static final int MOST = 64;
    private static final List<Shape> SHAPES =
            List.of(
                    Shape.of(), Shape.of(1), Shape.of(7), Shape.of(0), Shape.of(0, 3), Shape.of(3, 0), Shape.of(5, 1),
                    Shape.of(1, 5), Shape.of(2, 3, 4), Shape.of(19, 23));

    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    @BeforeAll
    static void writeModels() throws IOException {
        SplittableRandom random = new SplittableRandom(20261121);
        for (int model = 0; model <= MOST + 1; model++) {
            List<TestTensor> tensors = new ArrayList<>();
            for (int i = 0; i < SHAPES.size(); i++) {
                float[] values = new float[(int) SHAPES.get(i).elements()];
                for (int e = 0; e < values.length; e++) {
                    values[e] = (float) (random.nextDouble() - 0.5);
                }
                tensors.add(TestTensor.of("t" + i, Dtype.F32, SHAPES.get(i), values));
            }
            TestCheckpoint.write(directory.resolve(model == 0 ? "base" : "m" + model), tensors);
        }
    }

    /** Parameters of the whole merge under which a method's every way is taken. */
    private static List<String> parameters(String method) {
        return switch (method) {
            case "ties", "dare_linear", "dare_ties" -> List.of("weight: 0.1, density: 0.5", "weight: 0.1, density: 0.5, rescale: true");
            case "breadcrumbs", "breadcrumbs_ties" ->
                List.of("weight: 0.1, density: 0.5, gamma: 0.2", "weight: 0.1, density: 0.5, gamma: 0.2, rescale: true");
            case "della", "della_linear" -> List.of("weight: 0.1, density: 0.5", "weight: 0.1, density: 0.5, rescale: false");
            case "della_magprune" ->
                List.of("probability: row_rank", "probability: row_magnitude", "probability: tensor_rank, rescale: none");
            case "dare" -> List.of(
                    "elect: mass, combine: disjoint_mean",
                    "then: magnitude, elect: mass, combine: disjoint_mean",
                    "then: magnitude, scope: row, combine: mean",
                    "then: magnitude, scope: model, zero_sign: majority, elect: normfrac",
                    "then: magnitude, zero_sign: majority, elect: mass, combine: median");
            case "task_vectors" -> List.of(
                    "sparsify: outliers, density: 0.5, small_rate: 0.3",
                    "sparsify: magnitude, density: 0.4, scope: row, elect: mass, zero_sign: tensor_majority",
                    "sparsify: ranked, density: 0.4, elect: normmass, combine: disjoint_max",
                    "combine: median");
            case "nuslerp" -> List.of(
                    "weight: 1",
                    "weight: 1, nuslerp_flatten: false",
                    "weight: 1, nuslerp_flatten: false, nuslerp_row_wise: true");
            case "model_stock" ->
                List.of("filter_wise: false", "filter_wise: true", "average_angles: true", "plain_average: true");
            case "mwa" -> List.of("metric: 2", "metric: -3, softmax: true");
            case "opcm" -> List.of("", "matrices: sum", "alpha: 1");
            case "dop" -> List.of("num_steps: 2", "num_steps: 2, proj_space: u, mgda: false");
            case "doge_ta" -> List.of("num_steps: 2, density: 1", "num_steps: 2, subspace: 1");
            case "widen" -> List.of("", "above_average_value_ratio: 0, score_calibration_value: 0");
            case "sce", "sce_fusechat" -> List.of("select_topk: 1", "select_topk: 0.3", "select_topk: 0.99999999");
            case "pcb" -> List.of("inter: raw", "inter: half_normalized, ratio: 0.9", "inter: normalized");
            case "tall_masks", "consensus" -> List.of("", "sparsify: magnitude, elect: mass, combine: disjoint_sum");
            case "tsv_m" -> List.of("rank_ratio: 0.2", "rank_ratio: 1, orthogonalise: none", "matrices: average");
            case "iso_c" -> List.of("", "rank_tol: 0");
            case "iso_cts" -> List.of("", "common_space_fraction: 0", "common_space_fraction: 1");
            case "twin_merging" -> List.of(
                    "experts: mixed, mask_rate: 0.5",
                    "experts: shared",
                    "strategy: magnitude, experts: mixed",
                    "strategy: bernoulli, experts: mixed");
            case "singular_projection" -> List.of(
                    "",
                    "k: 2, subspace: trailing",
                    "k: 2, subspace: complement",
                    "k: 0",
                    "k: 0, subspace: complement",
                    "k: 100, subspace: trailing");
            case "slerp", "nearswap" -> List.of("t: 0.5");
            case "linear", "multislerp", "task_arithmetic" -> List.of("weight: 0.1");
            default -> List.of("");
        };
    }

    private static int most(MethodInfo method) {
        return method.maxModels().orElse(MOST) - (method.name().equals("slerp") ? 1 : 0);
    }

    private static String yaml(MethodInfo method, int models, String parameters) {
        boolean based = method.base() == MethodInfo.Base.REQUIRED;
        StringBuilder yaml = new StringBuilder("merge_method: " + method.name() + (based ? "\nbase_model: base" : "") + "\nmodels:\n");
        for (int model = 1; model <= models; model++) {
            yaml.append("- model: m").append(model).append('\n');
            if (model == 1 && method.parameters().stream().anyMatch(parameter -> parameter.name().equals("task"))) {
                yaml.append("  parameters: {task: true}\n");
            }
        }
        return yaml.append("parameters: {").append(parameters).append("}\n").toString();
    }

    @TestFactory
    Stream<DynamicTest> everyMethodTakesTheMostModelsAndAnyShape() {
        return ingot.methods().stream().flatMap(method -> parameters(method.name()).stream()
                .flatMap(parameters -> (method.random() ? Stream.of("philox", "mergekit") : Stream.of("philox")).map(rng -> DynamicTest.dynamicTest(
                        method.name() + " " + parameters + " " + rng, () -> merge(yaml(method, most(method), parameters), rng)))));
    }

    /** One model more than a method takes is told before anything is read; SMILE only takes its mean of fewer. */
    @TestFactory
    Stream<DynamicTest> oneMoreIsRefusedByThePlan() {
        return ingot.methods().stream()
                .filter(method -> method.maxModels().orElse(0) == MOST || method.name().equals("smile"))
                .map(method -> DynamicTest.dynamicTest(method.name(), () -> {
                    String parameters = method.name().equals("smile") ? "others: average" : parameters(method.name()).getFirst();
                    MergeRequest request = MergeRequest.ofYaml(
                            yaml(method, MOST + 1, parameters), "test", directory, directory.resolve("refused"));
                    assertThatThrownBy(() -> ingot.plan(request))
                            .isInstanceOfSatisfying(ConfigException.class, error -> assertThat(error.hint()).isNotEmpty())
                            .hasMessageContaining("at most 64");
                }));
    }

    /** What counts something has no fraction, in any method. */
    @ParameterizedTest
    @CsvSource({
        "wudi,steps", "optmerge,steps", "iwudi,landweber_steps", "singular_projection,k", "dop,num_steps", "doge_ta,num_steps",
        "doge_ta,subspace", "opcm,merged_experts", "karcher,max_iter", "smile,k", "smile,gate_k"
    })
    void fractionsOfWholeNumbersAreRefused(String method, String parameter) {
        MethodInfo info = ingot.methods().stream().filter(known -> known.name().equals(method)).findFirst().orElseThrow();
        String filter = method.equals("iwudi") ? "filter_type: landweber, " : "";
        MergeRequest request = MergeRequest.ofYaml(
                yaml(info, 2, filter + parameter + ": 2.5"), "test", directory, directory.resolve("refused"));
        assertThatThrownBy(() -> ingot.plan(method.equals("smile") ? request.asFactors("float32") : request))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("parameter '" + parameter + "' is 2.5");
    }

    @Test
    void onlyOperationsOnAnyNumberHaveNoLimit() {
        assertThat(ingot.methods().stream().filter(method -> method.maxModels().isEmpty()).map(MethodInfo::name))
                .containsExactlyInAnyOrder("linear", "mwa", "smile");
    }

    private void merge(String yaml, String rng) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        MergeRequest request = MergeRequest.ofYaml(yaml, "test", directory, output).withRng(rng);
        Map<String, TestTensor> merged = TestCheckpoint.read(ingot.merge(request).output());
        assertThat(merged).hasSize(SHAPES.size());
        merged.values().forEach(tensor -> assertThat(tensor.values()).as(tensor.name()).doesNotContain(Double.NaN));
    }
}
