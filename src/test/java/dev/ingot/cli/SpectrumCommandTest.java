// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.checkpoint.TestJson;
import dev.ingot.linalg.LinearAlgebra;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpectrumCommandTest {
    private static final String FAMILY = "examples/vision-experts/";
    private static final String BASE = FAMILY + "base";

    @BeforeEach
    void needsOpenBlas() {
        assumeTrue(LinearAlgebra.refusal().isEmpty(), () -> LinearAlgebra.refusal().orElseThrow());
    }

    private static CliRig.Outcome run(Object... args) {
        return new CliRig().run(args);
    }

    @Test
    void tablesOfSeveralExperts() {
        CliRig.Outcome outcome = run("inspect", "--spectrum", "--base", BASE, FAMILY + "expert_mnist", FAMILY + "expert_kana");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out().lines().toList())
                .contains("model 2  " + FAMILY + "expert_kana", "less     " + BASE)
                // Of numpy.linalg.svd in float64: 1.91054, 56.5709, 7.17870, 96.5005 and 14.1182.
                .contains("blocks.0.fc1.weight  [768, 192]  1      1.9105   56.5709  7.1787     96.5005         14.1182")
                .anyMatch(line -> line.startsWith("overlap   1-2"))
                .anyMatch(line -> line.startsWith("blocks.3  0."));
        assertThat(outcome.err()).contains("100 %  read 10.6/10.6 MB").doesNotContain("write");
    }

    @Test
    void json() {
        Map<String, Object> answer = run("inspect", "--spectrum", "--json", "-q", "--top", 3, BASE).json("ingot.spectrum/1");
        List<Object> matrices = TestJson.list(answer.get("matrices"));
        assertThat(matrices).hasSize(9);
        Map<String, Object> first = TestJson.object(matrices.getFirst());
        assertThat(first).containsEntry("tensor", "blocks.0.fc1.weight").containsEntry("shape", List.of(768L, 192L));
        Map<String, Object> values = TestJson.object(TestJson.list(first.get("models")).getFirst());
        assertThat(TestJson.list(values.get("leading"))).hasSize(3);
        double rank = Math.pow((Double) values.get("frobenius") / (Double) values.get("largest"), 2);
        assertThat((Double) values.get("stableRank")).isEqualTo(rank, within(1e-9));
        assertThat(TestJson.list(answer.get("layers"))).isEmpty();
    }

    @Test
    void refusals() {
        run("inspect", "--spectrum", "-q", "--memory", "200MiB", BASE).refused(5, "but 200MiB are allowed", "--memory 2");
        run("inspect", "--top", 3, BASE).refused(2, "options of --spectrum", "add --spectrum");
        run("inspect", BASE, BASE).refused(2, "several models", "add --spectrum");
        run("inspect", "--spectrum", "-q", "none").refused(4, "none", "");
    }

    @Test
    void interrupted() {
        CliRig.Outcome outcome = new CliRig().interruptedBy(Runnable::run).run("inspect", "--spectrum", "-q", BASE);
        outcome.refused(130, "stopped after 0 of 9 tensors", "run the command again");
    }
}
