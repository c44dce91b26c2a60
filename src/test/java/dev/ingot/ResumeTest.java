// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ExitCode;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.UsageException;
import dev.ingot.exec.IoMode;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.fixture.ChildMerge;
import dev.ingot.fixture.DisturbedBackend;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.Snapshot;
import dev.ingot.fixture.TestFamily;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.plan.Plan;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A merge that was stopped, in whatever way, goes on where it was and ends with the same bytes. */
class ResumeTest {
    private static final int TENSORS = 8;
    private static final String YAML = Merges.yaml("task_arithmetic", "{}", "a {weight: 0.5}", "b {weight: 0.3}");

    @TempDir
    private static Path models;

    private static Map<String, byte[]> expected;

    @TempDir
    private Path directory;

    private Path output;

    @BeforeAll
    static void mergeOnce() throws IOException {
        TestFamily.uniform(models, Dtype.F32, TENSORS, 300, 401);
        Ingot.create().merge(request(YAML, models.resolve("expected")));
        expected = Snapshot.weights(models.resolve("expected"));
        assertThat(expected).hasSize(TENSORS);
    }

    @BeforeEach
    void chooseOutput() {
        output = directory.resolve("out");
    }

    /** A file for each tensor, so that one is finished as soon as it is computed; one thread, so that the order is known. */
    private static MergeRequest request(String yaml, Path output) {
        return ChildMerge.request(yaml, models, output);
    }

    /** Stops a merge after it has computed that many tensors, of one tile each. */
    private void interrupt(int tensors) {
        interrupt(request(YAML, output), tensors);
    }

    private void interrupt(MergeRequest request, int tensors) {
        Plan plan = Ingot.create().plan(request).plan();
        MergeExecutor[] executor = new MergeExecutor[1];
        executor[0] = new MergeExecutor(
                plan,
                new DisturbedBackend(new ReferenceBackend(), tensors - 1, () -> executor[0].cancel()),
                IoMode.AUTO);
        assertThatThrownBy(() -> executor[0].run(resumed -> new LinkedHashMap<>()))
                .isInstanceOf(InterruptedMergeException.class)
                .hasMessageContaining("of " + TENSORS + " tensors");
        // A run that has finished nothing leaves nothing.
        if (Files.exists(output)) {
            assertThat(output).isDirectoryContaining("glob:**.ingot-journal").isDirectoryNotContaining("glob:**.safetensors");
        }
    }

    private MergeResult resume() throws IOException {
        MergeResult result = Ingot.create().merge(request(YAML, output));
        assertComplete();
        return result;
    }

    private void assertComplete() throws IOException {
        Map<String, byte[]> found = Snapshot.weights(output);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, bytes) -> assertThat(found.get(name)).as(name).isEqualTo(bytes));
        assertThat(Snapshot.names(output)).noneMatch(name -> name.endsWith(".tmp") || name.startsWith("."));
        assertThat(output.resolve("model.safetensors.index.json"))
                .hasSameBinaryContentAs(models.resolve("expected/model.safetensors.index.json"));
    }

    /** Input bytes for that many tensors: three models of F32. */
    private static long readFor(int tensors) {
        return tensors * 3L * 300 * 401 * Float.BYTES;
    }

    @Test
    void finishedTensorsAreNotComputedAgain() throws IOException {
        interrupt(5);
        MergeResult result = resume();
        assertThat(result.resumedTensors()).isEqualTo(5);
        assertThat(result.bytesRead()).isEqualTo(readFor(TENSORS - 5));
    }

    @Test
    void mayBeStoppedAgain() throws IOException {
        interrupt(2);
        interrupt(2);
        interrupt(1);
        assertThat(resume().resumedTensors()).isEqualTo(5);
    }

    @Test
    void stoppedAfterTheLastTensor() throws IOException {
        stopAtTheEnd();
        MergeResult result = resume();
        assertThat(result.resumedTensors()).isEqualTo(TENSORS);
        assertThat(result.bytesRead()).isZero();
    }

    /** Stops a merge when all tensors are written and no file has its name. */
    private void stopAtTheEnd() {
        Plan plan = Ingot.create().plan(request(YAML, output)).plan();
        MergeExecutor executor = new MergeExecutor(plan, new ReferenceBackend(), IoMode.AUTO);
        assertThatIllegalStateException().isThrownBy(() -> executor.run(resumed -> {
            throw new IllegalStateException("stopped");
        }));
    }

    /** Files are written in chunks, which tensors share; what is finished within one is put together anew. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void tensorsThatShareChunks(int tensors) throws IOException {
        MergeRequest request = request(YAML, output).withShardSize("0").withMemory(184L << 20);
        Plan plan = Ingot.create().plan(request).plan();
        assertThat(plan.resources().chunkBytes()).isLessThan(300 * 401 * Float.BYTES);
        interrupt(request, tensors * tilesPerTensor(plan));
        MergeResult result = Ingot.create().merge(request);
        assertThat(result.resumedTensors()).isBetween(tensors - 1, tensors);
        Ingot.create().merge(request(YAML, directory.resolve("whole")).withShardSize("0"));
        assertThat(output.resolve("model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("whole/model.safetensors"));
    }

    /** What is finished does not depend on the tiles it was computed in: another backend or more memory can go on. */
    @Test
    void otherTilesContinue() throws IOException {
        MergeRequest small = request(YAML, output).withMemory(184L << 20);
        Plan plan = Ingot.create().plan(small).plan();
        assertThat(plan.resources().tileElements())
                .isLessThan(Ingot.create().plan(request(YAML, output)).plan().resources().tileElements());
        interrupt(small, 5 * tilesPerTensor(plan));
        assertThat(resume().resumedTensors()).isEqualTo(5);
    }

    /** Seven workers, small tiles and shared chunks, stopped by cancelling or by a fault: nobody hangs, nothing is lost. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 13, 20, 33, 47, 60})
    @Timeout(60)
    void stoppedAmongManyWorkers(int calls) throws IOException {
        MergeRequest request = request(YAML, output).withShardSize("0").withMemory(192L << 20).withThreads(7);
        Plan plan = Ingot.create().plan(request).plan();
        MergeExecutor[] executor = new MergeExecutor[1];
        for (int run = 0; run < 4; run++) {
            boolean fault = run % 2 == 1;
            executor[0] = new MergeExecutor(plan, new DisturbedBackend(new ReferenceBackend(), calls, () -> {
                if (fault) {
                    throw new IllegalStateException("a fault");
                }
                executor[0].cancel();
            }), IoMode.PREAD);
            try {
                executor[0].run(resumed -> new LinkedHashMap<>());
                break;
            } catch (InterruptedMergeException e) {
                assertThat(fault).isFalse();
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("a fault");
            }
        }
        Ingot.create().merge(request.withOverwrite(true));
        Ingot.create().merge(request(YAML, directory.resolve("whole")).withShardSize("0"));
        assertThat(output.resolve("model.safetensors"))
                .hasSameBinaryContentAs(directory.resolve("whole/model.safetensors"));
    }

    private static int tilesPerTensor(Plan plan) {
        return Math.toIntExact(Math.ceilDiv(300L * 401, plan.resources().tileElements()));
    }

    @Test
    void damagedTensorIsComputedAgain() throws IOException {
        interrupt(5);
        Path first = output.resolve(expected.keySet().iterator().next() + ".tmp");
        try (RandomAccessFile file = new RandomAccessFile(first.toFile(), "rw")) {
            file.seek(file.length() - 1);
            int last = file.read();
            file.seek(file.length() - 1);
            file.write(last ^ 1);
        }
        MergeResult result = resume();
        assertThat(result.resumedTensors()).isEqualTo(4);
        assertThat(result.bytesRead()).isEqualTo(readFor(TENSORS - 4));
    }

    @Test
    void lostTemporariesAreComputedAgain() throws IOException {
        interrupt(5);
        for (String name : Snapshot.names(output)) {
            if (name.endsWith(".tmp")) {
                Files.delete(output.resolve(name));
            }
        }
        assertThat(resume().resumedTensors()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"3 12", "garbage\n", "7 0 0\n", "\n\n", "-1 0 0\n99999999999 0 0\n"})
    void tornJournalLineIsIgnored(String torn) throws IOException {
        interrupt(3);
        Files.writeString(output.resolve(".ingot-journal"), torn, StandardOpenOption.APPEND);
        interrupt(2);
        assertThat(resume().resumedTensors()).isEqualTo(5);
    }

    @Test
    void anotherPlanStartsOver() throws IOException {
        interrupt(5);
        String other = YAML.replace("0.3", "0.4");
        MergeResult result = Ingot.create().merge(request(other, output));
        assertThat(result.resumedTensors()).isZero();
        Ingot.create().merge(request(other, directory.resolve("other")));
        Map<String, byte[]> clean = Snapshot.weights(directory.resolve("other"));
        Snapshot.weights(output).forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(clean.get(name)));
    }

    @Test
    void otherFilesStartOver() throws IOException {
        interrupt(5);
        MergeResult result = Ingot.create().merge(request(YAML, output).withShardSize("0"));
        assertThat(result.resumedTensors()).isZero();
        assertThat(Snapshot.names(output)).contains("model.safetensors").noneMatch(name -> name.endsWith(".tmp"));
    }

    @Test
    void changedInputStartsOver() throws IOException {
        interrupt(5);
        Path input = models.resolve("a/model.safetensors");
        Files.setLastModifiedTime(input, FileTime.fromMillis(1_000_000));
        assertThat(resume().resumedTensors()).isZero();
    }

    /** Killed while files got their final names: some have them, and the same command still goes on. */
    @Test
    void stoppedWhileNamingFiles() throws IOException {
        stopAtTheEnd();
        String first = expected.keySet().iterator().next();
        Files.move(output.resolve(first + ".tmp"), output.resolve(first), StandardCopyOption.ATOMIC_MOVE);
        assertThatExceptionOfType(UsageException.class)
                .as("another merge must not replace it")
                .isThrownBy(() -> Ingot.create().merge(request(YAML.replace("0.3", "0.4"), output)));
        resume();
    }

    @Test
    void cancelledBeforeItStarts() throws IOException {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        InterruptedMergeException error = catchThrowableOfType(
                InterruptedMergeException.class,
                () -> Ingot.create().merge(request(YAML, output), ProgressListener.NONE, cancellation));
        assertThat(error.exitCode()).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(error.getMessage()).contains("0 of " + TENSORS);
        resume();
    }

    @Test
    void interruptedThread() throws IOException {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> Ingot.create().merge(request(YAML, output)))
                .isInstanceOf(InterruptedMergeException.class);
        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        resume();
    }

    @Test
    void listenerMayCancel() throws IOException {
        Cancellation cancellation = new Cancellation();
        MergeProgress[] last = new MergeProgress[1];
        try {
            Ingot.create().merge(request(YAML, output), progress -> {
                last[0] = progress;
                if (progress.bytesWritten() > 0) {
                    cancellation.cancel();
                }
            }, cancellation);
        } catch (InterruptedMergeException e) {
            assertThat(last[0].fraction()).isLessThan(1);
            resume();
        }
        assertComplete();
        assertThat(last[0].bytesWritten()).isPositive();
    }

    /** kill -9 at moments spread over the run: never an incomplete file with a final name, and the rest is done later. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 5, 7, 8})
    void killed(int finishedTensors) throws Exception {
        Process child = ChildMerge.start("", YAML, models, output);
        Path journal = output.resolve(".ingot-journal");
        for (int i = 0; i < 20_000 && child.isAlive(); i++) {
            if (Files.exists(journal) && Files.readString(journal).lines().count() > finishedTensors) {
                break;
            }
            Thread.sleep(1);
        }
        child.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        Snapshot.weights(output).forEach((name, bytes) -> assertThat(bytes).as(name).isEqualTo(expected.get(name)));
        if (Files.exists(output.resolve("model.safetensors.index.json")) && !Files.exists(journal)) {
            assertComplete();
        } else {
            resume();
        }
    }
}
