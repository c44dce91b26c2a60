// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.exec.IoMode;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.fixture.ChildMerge;
import dev.ingot.fixture.DisturbedBackend;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.Snapshot;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A merge that was stopped, and then given another file or another parameter: what they have no part in is kept, and all else is
 * computed again. The expert {@code a} has two files, with layers 0 to 3 and 4 to 7.
 */
class ResumeOfChangedPlanTest {
    private static final int TENSORS = 8;
    private static final String YAML = Merges.yaml("task_arithmetic", "{}", "a {weight: 0.5}", "b {weight: 0.3}");
    private static final String ONE_CHANGED = Merges.yaml(
            "task_arithmetic", "{}", "a {weight: [{filter: layers.2., value: 0.7}, {value: 0.5}]}", "b {weight: 0.3}");

    @TempDir
    private Path models;

    private Path output;

    @BeforeEach
    void writeModels() throws IOException {
        TestFamily.uniform(models, Dtype.F32, TENSORS, 300, 401);
        output = models.resolve("out");
        List<TestTensor> tensors = List.copyOf(TestCheckpoint.read(models.resolve("a")).values());
        Files.delete(models.resolve("a/model.safetensors"));
        TestCheckpoint.writeSharded(models.resolve("a"), tensors);
    }

    /** Writes the expert's second file anew, with other values in the last layer. */
    private void repair() throws IOException {
        List<TestTensor> tensors = new ArrayList<>(TestCheckpoint.read(models.resolve("a")).values());
        tensors.set(TENSORS - 1, TestCheckpoint.read(models.resolve("c")).get(tensors.getLast().name()));
        Path repaired = TestCheckpoint.writeSharded(models.resolve("repaired"), tensors);
        String second = "model-00002-of-00002.safetensors";
        Files.move(repaired.resolve(second), models.resolve("a").resolve(second), StandardCopyOption.REPLACE_EXISTING);
    }

    private MergeRequest request(String yaml) {
        return ChildMerge.request(yaml, models, output);
    }

    /** Stops a merge after it has computed that many tensors, of one tile and one file each, in the order of layers. */
    private void stopAfter(int tensors) {
        Plan plan = Ingot.create().plan(request(YAML)).plan();
        MergeExecutor[] executor = new MergeExecutor[1];
        executor[0] = new MergeExecutor(
                plan, new DisturbedBackend(new ReferenceBackend(), tensors - 1, () -> executor[0].cancel()), IoMode.AUTO);
        assertThatThrownBy(() -> executor[0].run(resumed -> new LinkedHashMap<>()))
                .isInstanceOf(InterruptedMergeException.class);
    }

    /** Stops a merge when all tensors are written and no file has its name. */
    private void stopAtTheEnd(String yaml) {
        MergeExecutor executor =
                new MergeExecutor(Ingot.create().plan(request(yaml)).plan(), new ReferenceBackend(), IoMode.AUTO);
        assertThatIllegalStateException().isThrownBy(() -> executor.run(resumed -> {
            throw new IllegalStateException("stopped");
        }));
    }

    /** Goes on, and compares with a merge from the start. */
    private void goOn(MergeRequest request, String yaml, int kept) throws IOException {
        MergeResult result = Ingot.create().merge(request);
        assertThat(result.resumedTensors()).isEqualTo(kept);
        Path whole = models.resolve("whole");
        Ingot.create().merge(ChildMerge.request(yaml, models, whole));
        Map<String, byte[]> expected = Snapshot.weights(whole);
        Map<String, byte[]> found = Snapshot.weights(output);
        assertThat(found.keySet()).isEqualTo(expected.keySet()).hasSize(TENSORS);
        expected.forEach((name, bytes) -> assertThat(found.get(name)).as(name).isEqualTo(bytes));
        assertThat(Snapshot.names(output)).noneMatch(name -> name.endsWith(".tmp") || name.startsWith("."));
    }

    @Test
    void tensorsOfOtherFilesAreKept() throws IOException {
        stopAfter(6);
        repair();
        goOn(request(YAML), YAML, 4);
    }

    @Test
    void tensorsOfOtherFilesAreKeptInOneOutputFile() throws IOException {
        MergeRequest request = request(YAML).withShardSize("0");
        MergeExecutor executor = new MergeExecutor(Ingot.create().plan(request).plan(), new ReferenceBackend(), IoMode.AUTO);
        assertThatIllegalStateException().isThrownBy(() -> executor.run(resumed -> {
            throw new IllegalStateException("stopped");
        }));
        repair();
        assertThat(Ingot.create().merge(request).resumedTensors()).isEqualTo(4);
        Path whole = models.resolve("whole");
        Ingot.create().merge(ChildMerge.request(YAML, models, whole).withShardSize("0"));
        assertThat(output.resolve("model.safetensors")).hasSameBinaryContentAs(whole.resolve("model.safetensors"));
    }

    @Test
    void tensorsWithTheSameParametersAreKept() throws IOException {
        stopAfter(6);
        goOn(request(ONE_CHANGED), ONE_CHANGED, 5);
    }

    @Test
    void stoppedAgainItKeepsBoth() throws IOException {
        stopAfter(6);
        repair();
        stopAfter(2);
        goOn(request(YAML), YAML, 6);
    }

    @Test
    void nothingIsKeptWhereTheModelCountsAsAWhole() throws IOException {
        String yaml = Merges.yaml("localize_and_stitch", "{}", "a {}", "b {}");
        stopAtTheEnd(yaml);
        repair();
        goOn(request(yaml), yaml, 0);
    }

    /** Files that have their names already belong to the other plan; they may be replaced, but not taken up. */
    @Test
    void namedFilesAreComputedAgain() throws IOException {
        stopAtTheEnd(YAML);
        String first = Snapshot.names(output).stream()
                .filter(name -> name.endsWith(".tmp"))
                .sorted()
                .findFirst()
                .orElseThrow();
        Files.move(output.resolve(first), output.resolve(first.replace(".tmp", "")));
        goOn(request(ONE_CHANGED).withOverwrite(true), ONE_CHANGED, TENSORS - 2);
    }
}
