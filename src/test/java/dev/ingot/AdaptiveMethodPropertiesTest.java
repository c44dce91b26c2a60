// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static dev.ingot.fixture.SameTensors.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.SameTensors;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What must hold of methods that look at the data, whatever the numbers are: at their limits they become simpler ones. */
class AdaptiveMethodPropertiesTest {
    @TempDir
    private static Path directory;

    private final Ingot ingot = Ingot.create();

    /** {@code same0} to {@code same2} are the base again. */
    @BeforeAll
    static void writeModels() throws IOException {
        TestFamily.uniform(directory, Dtype.F32, 2, 211, 100);
        for (int i = 0; i < 3; i++) {
            TestCheckpoint.write(directory.resolve("same" + i), TestCheckpoint.read(directory.resolve("base")).values());
            TestCheckpoint.write(directory.resolve("a" + i), TestCheckpoint.read(directory.resolve("a")).values());
        }
    }

    private Map<String, TestTensor> merge(String method, String parameters, String... models) throws IOException {
        return run(Merges.yaml(method, parameters, models));
    }

    private Map<String, TestTensor> run(String yaml) throws IOException {
        Path output = Files.createTempDirectory(directory, "out");
        return TestCheckpoint.read(ingot.merge(MergeRequest.ofYaml(yaml, "test", directory, output)).output());
    }

    private static void assertNear(Map<String, TestTensor> found, Map<String, TestTensor> expected) {
        SameTensors.assertNear(found, expected, 2e-6);
    }

    private static Map<String, TestTensor> model(String name) throws IOException {
        return TestCheckpoint.read(directory.resolve(name));
    }

    @Test
    void maskThatKeepsAllIsNone() throws IOException {
        String[] models = {"a {weight: 0.3}", "c {weight: 0.6}"};
        assertSame(merge("breadcrumbs", "{}", models), merge("task_arithmetic", "{}", models));
        assertSame(merge("della_linear", "{}", models), merge("task_arithmetic", "{}", models));
        assertSame(merge("breadcrumbs_ties", "{}", models), merge("ties", "{normalize: false}", models));
        assertSame(merge("della", "{}", models), merge("ties", "{}", models));
    }

    /** Two ways to compute it: a formula, and a kernel. */
    @Test
    void breadcrumbsThatDropNoLargeOnesAreTies() throws IOException {
        String[] models = {"a {weight: 0.3, density: 0.4, gamma: 0}", "c {weight: 0.6, density: 0.7, gamma: 0}"};
        String[] ties = {"a {weight: 0.3, density: 0.4}", "c {weight: 0.6, density: 0.7}"};
        for (boolean rescale : new boolean[] {false, true}) {
            String parameters = "{normalize: false, lambda: 0.7, rescale: " + rescale + "}";
            assertSame(merge("breadcrumbs_ties", parameters, models), merge("ties", parameters, ties));
        }
    }

    @Test
    void breadcrumbsKeepTheBandInTheMiddle() throws IOException {
        Map<String, TestTensor> merged = merge("breadcrumbs", "{}", "a {weight: 1, density: 0.5, gamma: 0.1}");
        for (String name : merged.keySet()) {
            double[] base = model("base").get(name).values();
            double[] expert = model("a").get(name).values();
            double[] found = merged.get(name).values();
            double least = Double.POSITIVE_INFINITY;
            double most = 0;
            int kept = 0;
            for (int i = 0; i < base.length; i++) {
                if (found[i] != base[i]) {
                    kept++;
                    least = Math.min(least, Math.abs(expert[i] - base[i]));
                    most = Math.max(most, Math.abs(expert[i] - base[i]));
                }
            }
            assertThat(kept).isEqualTo(base.length / 2);
            int larger = 0;
            for (int i = 0; i < base.length; i++) {
                double magnitude = Math.abs(expert[i] - base[i]);
                larger += magnitude > most ? 1 : 0;
                assertThat(found[i] == base[i] && magnitude > least && magnitude < most).isFalse();
            }
            assertThat(larger).isEqualTo(base.length / 10);
        }
    }

    @Test
    void dellaKeepsAsManyAsItsDensitySaysAndMoreOfTheLarge() throws IOException {
        Map<String, TestTensor> merged =
                merge("della_linear", "{rescale: false}", "a {weight: 1, density: 0.5, epsilon: 0.3}");
        for (String name : merged.keySet()) {
            double[] base = model("base").get(name).values();
            double[] expert = model("a").get(name).values();
            double[] found = merged.get(name).values();
            double[] sorted = new double[base.length];
            Arrays.setAll(sorted, i -> Math.abs(expert[i] - base[i]));
            Arrays.sort(sorted);
            int[] kept = new int[2];
            for (int i = 0; i < base.length; i++) {
                kept[Math.abs(expert[i] - base[i]) > sorted[base.length / 2] ? 1 : 0] += found[i] != base[i] ? 1 : 0;
            }
            // Of the smaller half 0.35 are expected, of the larger half 0.65, with a standard deviation of 0.005.
            assertThat((double) kept[0] / base.length * 2).as(name).isCloseTo(0.35, within(0.025));
            assertThat((double) kept[1] / base.length * 2).as(name).isCloseTo(0.65, within(0.025));
        }
    }

    @TestFactory
    Stream<DynamicTest> equalExpertsGiveThatExpert() {
        return Stream.of(
                        "multislerp {weight: 1}", "model_stock {}", "model_stock {filter_wise: true}", "sce {}",
                        "ram {epsilon: 0}", "ramplus_tl {epsilon: 0}")
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    String[] parts = text.split(" ", 2);
                    assertNear(merge(parts[0], parts[1], "a0 {}", "a1 {}", "a2 {}"), model("a"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> unchangedExpertsGiveTheBase() {
        return Stream.of(
                        "breadcrumbs {weight: 1, density: 0.5}", "breadcrumbs_ties {weight: 1, density: 0.5}",
                        "della {weight: 1, density: 0.5}", "della_linear {weight: 1, density: 0.5}", "multislerp {weight: 1}",
                        "model_stock {}", "model_stock {filter_wise: true}", "sce {}", "sce {select_topk: 0.5}", "ram {}",
                        "ramplus_tl {}", "ramplus_tl {epsilon: 0}")
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    String[] parts = text.split(" ", 2);
                    assertSame(merge(parts[0], parts[1], "same0 {}", "same1 {}", "same2 {}"), model("base"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> orderOfExpertsMattersOnlyInTheLastDigit() {
        return Stream.of(
                        "multislerp {weight: 1}", "model_stock {}", "sce {}", "sce {select_topk: 0.3}", "ram {}", "ramplus_tl {}",
                        "breadcrumbs_ties {weight: 0.4, density: 0.5}")
                .map(text -> DynamicTest.dynamicTest(text, () -> {
                    String[] parts = text.split(" ", 2);
                    assertNear(
                            merge(parts[0], parts[1], "a {}", "b {}", "c {}"), merge(parts[0], parts[1], "c {}", "a {}", "b {}"));
                }));
    }

    @Test
    void oneExpertIsTakenWhole() throws IOException {
        assertSame(merge("multislerp", "{weight: 0.3}", "a {}"), model("a"));
        assertSame(run("merge_method: karcher\nmodels: [{model: a}]\n"), model("a"));
        assertNear(merge("sce", "{}", "a {}"), model("a"));
        assertNear(merge("ram", "{epsilon: 0}", "a {}"), model("a"));
    }

    /** The base would be left out, and the other model copied. */
    @Test
    void nuslerpNeedsTwoModelsBesidesTheBase() {
        String yaml = "merge_method: nuslerp\nbase_model: a\nmodels: [{model: a}, {model: b}]\nparameters: {weight: 1}\n";
        assertThatThrownBy(() -> run(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("exactly 2 models besides the base model, and 1 are given");
    }

    /** Directions that agree: at tolerance 0 there are logarithms of length 0 and steps of length 0. */
    @Test
    void karcherMeanOfEqualModelsIsTheModel() throws IOException {
        for (String tolerance : List.of("0", "1e-5")) {
            assertNear(
                    run("merge_method: karcher\nmodels: [{model: a0}, {model: a1}, {model: a2}]\nparameters: {tol: " + tolerance
                            + "}\n"),
                    model("a"));
        }
    }

    /** A tensor that a model left alone has neither shared nor unique changes, which is 0 / 0 at epsilon 0. */
    @Test
    void unchangedExpertAddsNothingToTheOthers() throws IOException {
        assertSame(merge("ramplus_tl", "{epsilon: 0}", "a {}", "same0 {}"), merge("ramplus_tl", "{epsilon: 0}", "a {}"));
    }

    @Test
    void ramPlusWithoutRatioIsRam() throws IOException {
        String[] models = {"a {}", "b {}", "c {}"};
        for (String parameters : List.of("{r: 0}", "{alpha: 0}", "{alpha: -0.0}")) {
            assertSame(merge("ramplus_tl", parameters, models), merge("ram", "{}", models));
        }
    }

    @Test
    void endsOfNearSwapAreTheModels() throws IOException {
        assertSame(merge("nearswap", "{t: 0}", "a {}"), model("base"));
        assertSame(merge("nearswap", "{t: 1000}", "a {}"), model("a"));
    }

    @Test
    void arceeFusionTakesElementsWholeOrNotAtAll() throws IOException {
        Map<String, TestTensor> merged = merge("arcee_fusion", "{}", "a {}");
        for (String name : merged.keySet()) {
            double[] base = model("base").get(name).values();
            double[] expert = model("a").get(name).values();
            double[] found = merged.get(name).values();
            int taken = 0;
            for (int i = 0; i < base.length; i++) {
                boolean changed = found[i] != base[i];
                taken += changed ? 1 : 0;
                assertThat(found[i]).isCloseTo(changed ? expert[i] : base[i], within(2e-7));
            }
            // Those above the median by 1.5 times the distance of the quartiles: some of the upper quarter.
            assertThat(taken).isBetween(1, base.length / 4);
        }
        assertSame(merge("arcee_fusion", "{}", "same0 {}"), model("base"));
    }
}
