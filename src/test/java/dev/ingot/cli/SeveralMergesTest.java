// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.TestFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations of several documents, and command lines of mergekit-multi with the output in its usual place. */
class SeveralMergesTest {
    private static final String FIRST = """
            name: first
            merge_method: linear
            models:
            - {model: a, parameters: {weight: 1}}
            - {model: b, parameters: {weight: 3}}
            dtype: float32
            """;
    private static final String LAST = """
            merge_method: task_arithmetic
            base_model: base
            models:
            - {model: first, parameters: {weight: 0.5}}
            - {model: c, parameters: {weight: 0.25}}
            """;

    @TempDir
    private Path temp;

    private Path config;
    private Path out;
    private Path hidden;

    @BeforeEach
    void family() throws IOException {
        TestFamily.uniform(temp, Dtype.F32, 3, 40, 50);
        config = temp.resolve("merges.yml");
        out = temp.resolve("out");
        hidden = temp.resolve(".out.stages.tmp");
        Files.writeString(config, LAST + "---\n" + FIRST);
    }

    private CliRig.Outcome merge(Object... more) {
        return merge(new CliRig(), more);
    }

    private CliRig.Outcome merge(CliRig rig, Object... more) {
        Object[] line = new Object[more.length + 3];
        line[0] = "merge";
        line[1] = config;
        line[2] = out;
        System.arraycopy(more, 0, line, 3, more.length);
        return rig.run(line);
    }

    private byte[] weights(Path directory) throws IOException {
        return Files.readAllBytes(directory.resolve("model.safetensors"));
    }

    @Test
    void givesWhatTheMergesGiveOneByOne() throws IOException {
        CliRig.Outcome outcome = merge();
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).isEqualTo(out + "\n");
        assertThat(outcome.err()).contains("first: merged in ").contains("\nmerged in ");
        assertThat(hidden).doesNotExist();
        assertThat(out.resolve("mergekit_config.yml")).hasSameTextualContentAs(config);

        Files.writeString(temp.resolve("one.yml"), FIRST);
        Files.writeString(temp.resolve("two.yml"), LAST);
        assertThat(new CliRig().run("merge", temp.resolve("one.yml"), temp.resolve("first")).code()).isZero();
        assertThat(new CliRig().run("merge", temp.resolve("two.yml"), temp.resolve("out2")).code()).isZero();
        assertThat(weights(out)).isEqualTo(weights(temp.resolve("out2")));
    }

    @Test
    void aNameStandsBeforeADirectory() throws IOException {
        Files.createDirectory(temp.resolve("first"));
        assertThat(merge().code()).isZero();
    }

    @Test
    void keepsIntermediateResultsWhenTold() throws IOException {
        assertThat(merge("--keep-intermediate").code()).isZero();
        assertThat(hidden.resolve("first/model.safetensors")).exists();
        Path own = temp.resolve("own");
        assertThat(merge("--overwrite", "-I", own).code()).isZero();
        assertThat(own.resolve("first/model.safetensors")).hasSameBinaryContentAs(hidden.resolve("first/model.safetensors"));
    }

    @Test
    void takesUpWhatIsDone() throws IOException {
        assertThat(merge("--keep-intermediate").code()).isZero();
        CliRig.Outcome again = merge("--keep-intermediate", "--overwrite");
        assertThat(again.err()).contains("first: done already\n");
        Files.writeString(config, LAST + "---\n" + FIRST.replace("weight: 3", "weight: 2"));
        assertThat(merge("--keep-intermediate", "--overwrite").err()).contains("first: merged in ");
        Files.delete(hidden.resolve("first/model.safetensors"));
        assertThat(merge("--overwrite").err()).contains("first: merged in ");
        assertThat(hidden).doesNotExist();
    }

    @Test
    void doesNotReplaceWhatIsInAGivenDirectory() throws IOException {
        Path own = temp.resolve("own");
        assertThat(merge("-I", own).code()).isZero();
        Files.writeString(config, LAST + "---\n" + FIRST.replace("weight: 3", "weight: 2"));
        out = temp.resolve("other");
        merge("-q", "-I", own).refused(2, own.resolve("first").toString(), "--overwrite");
        assertThat(out).doesNotExist();
    }

    @Test
    void aStoppedMergeLeavesItsResultsForTheNextRun() {
        merge(new CliRig().interruptedBy(Runnable::run), "--progress", "none").refused(130, "stopped", "same command again");
        assertThat(merge().code()).isZero();
        assertThat(hidden).doesNotExist();
    }

    @Test
    void mistakesOfLaterMergesAreFoundFirst() throws IOException {
        for (String[] mistake : List.of(
                new String[] {"task_arithmetic", "tusk_arithmetic", "task_arithmetic"},
                new String[] {"model: c", "model: d", "model d"},
                new String[] {"weight: 0.25", "wait: 0.25", "no parameter 'wait'"})) {
            Files.writeString(config, LAST.replace(mistake[0], mistake[1]) + "---\n" + FIRST);
            CliRig.Outcome outcome = merge("-q");
            assertThat(outcome.code()).isNotZero();
            assertThat(outcome.err()).contains(mistake[2]);
            assertThat(outcome.err().lines()).hasSize(2);
        }
        Files.writeString(config, LAST + "---\n" + FIRST);
        Files.createDirectory(out);
        Files.copy(temp.resolve("a/model.safetensors"), out.resolve("model.safetensors"));
        merge("-q").refused(2, "already holds a model", "--overwrite");
        assertThat(hidden).doesNotExist();
    }

    @Test
    void plansWhatCanBePlanned() {
        CliRig.Outcome plan = new CliRig().run("plan", config, out);
        assertThat(plan.code()).as(plan.err()).isZero();
        assertThat(plan.out()).startsWith("merge    'first'\n").contains("linear").doesNotContain("task_arithmetic");
        assertThat(plan.err()).isEqualTo("note: the final merge can be planned when the results that it uses are there\n");
        assertThat(merge("--keep-intermediate").code()).isZero();
        assertThat(merge("--dry-run", "--overwrite").out()).contains("merge    'first'\n", "merge    final\n");
    }
}
