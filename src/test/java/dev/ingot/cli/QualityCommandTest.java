// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.TestJson;
import dev.ingot.error.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ingot quality} on a family of small random Llamas, whose table was computed by Hugging Face transformers in
 * double precision, and on the image models of the examples.
 */
class QualityCommandTest {
    private static final Path LANGUAGE = Path.of("src", "test", "resources", "llama", "family");
    private static final Path VISION = Path.of("examples", "vision-experts");

    @TempDir
    private Path temp;

    private static CliRig.Outcome quality(Object... args) {
        Object[] line = new Object[args.length + 1];
        line[0] = "quality";
        System.arraycopy(args, 0, line, 1, args.length);
        return new CliRig().run(line);
    }

    private Path rows(String text) throws IOException {
        return Files.writeString(temp.resolve("rows.yml"), text);
    }

    private static Map<String, Object> row(Map<String, Object> answer, String name) {
        return TestJson.list(answer.get("rows")).stream().map(TestJson::object)
                .filter(row -> row.get("name").equals(name)).findFirst().orElseThrow();
    }

    private static double number(Map<String, Object> object, String key) {
        return ((Number) object.get(key)).doubleValue();
    }

    @Test
    void languageModelsAgreeWithTransformers() throws IOException {
        Path rows = rows("""
                - {name: base, model: base}
                - {name: 'expert ${task}', per_expert: true, model: 'expert_${task}'}
                - name: simple average
                  merge: |
                    merge_method: linear
                    models: ${experts}
                    parameters: {weight: 1}
                    dtype: float32
                - name: task arithmetic, lambda ${lambda}
                  lambda: [0.3, 1.0]
                  merge: |
                    merge_method: task_arithmetic
                    base_model: base
                    models: ${experts}
                    parameters: {weight: 1, lambda: ${lambda}}
                    dtype: float32
                """);
        Map<String, Object> answer = quality(LANGUAGE, "--methods", rows, "--json").json("ingot.quality/1");
        assertThat(answer).containsEntry("kind", "language").containsEntry("unit", "bits per byte")
                .containsEntry("tasks", List.of("one", "two", "other"))
                .containsEntry("compared", 6L).containsEntry("within", 6L);
        for (Object item : TestJson.list(answer.get("rows"))) {
            assertThat(number(TestJson.object(TestJson.object(item).get("reference")), "largestDifference"))
                    .as("%s", item).isLessThan(1e-5);
        }
        Map<String, Object> base = row(answer, "base");
        Map<String, Object> scores = TestJson.object(base.get("scores"));
        assertThat(number(base, "mean"))
                .isCloseTo((number(scores, "one") + number(scores, "two")) / 2, within(1e-9));
        assertThat(base).doesNotContainKeys("normalised", "mergeSeconds", "calibration");
        assertThat(row(answer, "task arithmetic, lambda 0.3")).containsEntry("lambdas", List.of(0.3))
                .containsKey("mergeSeconds");
    }

    @Test
    void theTableComparesWithTheReference() {
        CliRig.Outcome outcome = quality(LANGUAGE, "--only", "BASE,average,dare-linear");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<String> lines = outcome.out().lines().toList();
        assertThat(lines.getFirst().split(" {2,}")).containsExactly(
                "method", "lambda", "one", "two", "other", "mean", "merge s", "reference", "difference", "largest");
        assertThat(lines.get(1)).matches("base( +[0-9.]+){4} +[0-9.]+ +0\\.000 +0\\.000");
        assertThat(lines.getLast()).isEqualTo("within 0.01 bits per byte: 2 of 2");
        assertThat(outcome.err().lines()).contains("[1/3] base", "[2/3] simple average").anyMatch(l -> l.startsWith("mean "));
        assertThat(quality(LANGUAGE, "--only", "base", "--quiet").err()).isEmpty();
    }

    /** The means of the calibration images decide, the smaller lambda where they are equal; every task may decide alone. */
    @Test
    void lambdaIsTunedOnCalibrationImages() throws IOException {
        String merge = """
                  merge: |
                    merge_method: task_arithmetic
                    base_model: base
                    models: %s
                    parameters: {weight: %s}
                    dtype: float32
                """;
        Path rows = rows("- name: tuned\n  tune: [0.9, 0.3]\n" + merge.replaceFirst("%s", "\\${experts}")
                        .replaceFirst("%s", "\\${lambda}")
                + "- name: equal\n  tune: [2, 1]\n" + merge.replaceFirst("%s", "\\${experts}").replaceFirst("%s", "0.3")
                + "- name: own\n  per_task: true\n  tune: [0.0, 1.0]\n"
                + merge.replaceFirst("%s", "[{model: 'expert_\\${task}'}]").replaceFirst("%s", "\\${lambda}")
                + "- {name: experts, per_task: true, model: 'expert_${task}'}\n");
        Map<String, Object> answer = quality(VISION, "--methods", rows, "--json", "--quiet").json("ingot.quality/1");
        assertThat(row(answer, "tuned")).containsEntry("lambdas", List.of(0.3));
        assertThat(row(answer, "equal")).containsEntry("lambdas", List.of(1.0));
        assertThat(row(answer, "tuned").get("scores")).isEqualTo(row(answer, "equal").get("scores"));
        assertThat(row(answer, "own")).containsEntry("lambdas", List.of(1.0, 1.0, 1.0, 1.0));
        assertThat(row(answer, "own").get("scores")).isEqualTo(row(answer, "experts").get("scores"));
        assertThat(number(row(answer, "experts"), "normalised")).isCloseTo(100, within(1e-9));
        assertThat(number(row(answer, "own"), "calibration")).isGreaterThan(number(row(answer, "tuned"), "calibration"));
        assertThat(answer).containsEntry("compared", 0L);
    }

    @Test
    void seedsAreOfRandomRowsAndDoNotCountAsReproduced() throws IOException {
        Path rows = rows("""
                - name: drawn ${seed}
                  reference: base
                  seed: [3, 4]
                  merge: |
                    merge_method: dare_linear
                    base_model: base
                    models: ${experts}
                    parameters: {weight: 1, density: 0.5}
                    dtype: float32
                """);
        CliRig.Outcome outcome = quality(LANGUAGE, "--methods", rows);
        assertThat(outcome.out()).contains("drawn *: means ", " (other random draws)", "within 0.01 bits per byte: 0 of 0");
        Map<String, Object> answer = quality(LANGUAGE, "--methods", rows, "--json", "--quiet").json("ingot.quality/1");
        assertThat(row(answer, "drawn 3").get("scores")).isNotEqualTo(row(answer, "drawn 4").get("scores"));
        assertThat(row(answer, "drawn 3")).containsEntry("seed", 3L);
    }

    @Test
    void faultsAreTwoLines() throws IOException {
        quality().refused(2, "FAMILY", "--help");
        quality(temp.resolve("none")).refused(2, "none", "docs/quality.md");
        quality(temp).refused(2, "neither image models", "docs/quality.md");
        quality(LANGUAGE, "--only", "magic", "--quiet").refused(2, "no row's name contains magic", "simple average");
        quality(LANGUAGE, "--methods", temp.resolve("none.yml")).refused(3, "none.yml", "docs/quality.md");
        quality(LANGUAGE, "--methods", rows("- {name: a, model: base, tune: 1}")).refused(3, "no data to tune", "lambda");
        quality(LANGUAGE, "--methods", rows("- {name: a, merge: 'merge_method: ${x}'}"), "-q").refused(3, "${x}", "experts");
        quality(LANGUAGE, "--methods", rows("- {name: a, merge: 'merge_method: tis'}"), "-q").refused(3, "row 'a'", "");
        quality(LANGUAGE, "--methods", rows("- {name: a, model: none}"), "-q").refused(4, "none", "");
        quality(LANGUAGE, "--only", "base", "--reference", temp.resolve("none.json")).refused(4, "none.json", "");
        Path bad = Files.writeString(temp.resolve("bad.json"), "{\"rows\": 3}");
        quality(LANGUAGE, "--only", "base", "--reference", bad).refused(4, "bad.json:1:10: a list of rows expected", "");
    }

    @Test
    void aTextThatIsTooShortIsNamed() throws IOException {
        Files.createDirectories(temp.resolve("base"));
        Files.createDirectories(temp.resolve("data"));
        Files.copy(LANGUAGE.resolve("base/config.json"), temp.resolve("base/config.json"));
        Files.writeString(temp.resolve("data/few.txt"), "few words");
        quality(temp).refused(4, "few.txt: has 9 bytes", "longer");
        Files.move(temp.resolve("data/few.txt"), temp.resolve("data/a b.txt"));
        quality(temp).refused(4, "'a b' is no name for a task", "letters");
    }

    @Test
    void anInterruptEndsTheRun() {
        new CliRig().interruptedBy(Runnable::run).run("quality", LANGUAGE, "--quiet")
                .refused(ExitCode.INTERRUPTED.code(), "interrupted", "run the same command again");
    }
}
