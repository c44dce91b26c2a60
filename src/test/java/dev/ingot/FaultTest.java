// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ExitCode;
import dev.ingot.error.IngotException;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.ResourceException;
import dev.ingot.error.UsageException;
import dev.ingot.exec.IoMode;
import dev.ingot.exec.MergeExecutor;
import dev.ingot.fixture.ChildMerge;
import dev.ingot.fixture.DisturbedBackend;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.Snapshot;
import dev.ingot.fixture.TestFamily;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.kernel.TestGpus;
import dev.ingot.plan.Plan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the world can do to a merge while it runs, and what a merge must not do to the world. */
class FaultTest {
    private static final String YAML = Merges.yaml("task_arithmetic", "{}", "a {weight: 0.5}", "b {weight: 0.3}");

    @TempDir
    private Path models;

    @TempDir
    private Path directory;

    private Path output;

    @BeforeEach
    void writeModels() throws IOException {
        output = directory.resolve("out");
        TestFamily.uniform(models, Dtype.F32, 5, 300, 301);
    }

    private static Map<String, String> methods() {
        Map<String, String> methods = new LinkedHashMap<>();
        methods.put("linear", "merge_method: linear\nmodels: [{model: base}, {model: a}]\nparameters: {weight: 1}\n");
        methods.put("slerp", "merge_method: slerp\nbase_model: base\nmodels: [{model: base}, {model: a}]\nparameters: {t: 0.4}\n");
        methods.put("ties", Merges.yaml("ties", "{rescale: true}", "a {weight: 0.5, density: 0.3}"));
        methods.put("dare_linear", Merges.yaml("dare_linear", "{}", "a {weight: 0.5, density: 0.3}"));
        methods.put("passthrough", "merge_method: passthrough\nmodels: [{model: a}]\n");
        methods.put("passthrough to another type", "merge_method: passthrough\nmodels: [{model: a}]\ndtype: float16\n");
        return methods;
    }

    private static List<Backend> backends() {
        Stream<Backend> host = Backends.detect(System.getenv()).all().stream()
                .map(Backends.Availability::backend)
                .flatMap(Optional::stream);
        return Stream.concat(host, TestGpus.backends()).toList();
    }

    private Plan plan(String yaml) {
        return Ingot.create().plan(MergeRequest.ofYaml(yaml, "test.yml", models, output).withThreads(2)).plan();
    }

    private static void run(Plan plan, Backend backend, IoMode mode) {
        new MergeExecutor(plan, backend, mode).run(resumed -> new LinkedHashMap<>());
    }

    private static void truncate(Path file) throws IOException {
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(out.length() / 3);
        }
    }

    /** An input is shortened while it is being read: an error, nothing left behind, and this process lives. */
    @TestFactory
    Stream<DynamicTest> shortenedInput() {
        List<DynamicTest> tests = new ArrayList<>();
        methods().forEach((name, yaml) -> {
            for (Backend backend : backends()) {
                for (IoMode mode : List.of(IoMode.MMAP, IoMode.PREAD)) {
                    for (int calls : name.equals("passthrough") ? new int[] {-1} : new int[] {-1, 0, 3}) {
                        tests.add(DynamicTest.dynamicTest(
                                name + ", " + backend.name() + ", " + mode + ", after " + calls + " calls",
                                () -> shortenedInput(yaml, backend, mode, calls)));
                    }
                }
            }
        });
        return tests.stream();
    }

    private void shortenedInput(String yaml, Backend backend, IoMode mode, int calls) throws IOException {
        Path file = models.resolve("a/model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        Path around = Files.createTempDirectory(directory, "around");
        output = around.resolve("made/for/it");
        Plan plan = plan(yaml);
        assertThatThrownBy(() -> run(plan, new DisturbedBackend(backend, calls, () -> truncate(file)), mode))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model.safetensors");
        assertThat(around).isEmptyDirectory();
        Files.write(file, whole);
        run(plan(yaml), backend, mode);
        assertThat(Snapshot.names(output)).containsExactly("model.safetensors");
    }

    @Test
    void inputsAreNotTouched() throws IOException {
        Map<String, String> before = Snapshot.of(models);
        for (String yaml : methods().values()) {
            Ingot.create().merge(MergeRequest.ofYaml(yaml, "test.yml", models, output).withOverwrite(true));
        }
        assertThat(Snapshot.of(models)).isEqualTo(before);
    }

    @Test
    void failedOverwriteKeepsTheOldModel() throws IOException {
        Ingot.create().merge(MergeRequest.ofYaml(YAML, "test.yml", models, output));
        Map<String, String> before = Snapshot.of(output);
        Path file = models.resolve("a/model.safetensors");
        Plan plan = Ingot.create()
                .plan(MergeRequest.ofYaml(YAML, "test.yml", models, output).withSeed(1).withOverwrite(true))
                .plan();
        assertThatThrownBy(() ->
                        run(plan, new DisturbedBackend(new ReferenceBackend(), 1, () -> truncate(file)), IoMode.PREAD))
                .isInstanceOf(CheckpointException.class);
        assertThat(Snapshot.of(output)).isEqualTo(before);
    }

    @Test
    void overwriteReplacesTheOldModelWhole() throws IOException {
        MergeRequest request = MergeRequest.ofYaml(YAML, "test.yml", models, output);
        Ingot.create().merge(request.withShardSize("400KB"));
        assertThat(Snapshot.names(output)).contains("model.safetensors.index.json");
        Ingot.create().merge(request.withOverwrite(true));
        assertThat(Snapshot.weights(output)).containsOnlyKeys("model.safetensors");
        assertThat(Snapshot.names(output)).doesNotContain("model.safetensors.index.json");
    }

    @Test
    void secondMergeInThisProcessIsRefused() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Backend slow = new DisturbedBackend(new ReferenceBackend(), 1, () -> {
            running.countDown();
            go.await(1, TimeUnit.MINUTES);
        });
        Plan plan = plan(YAML);
        Throwable[] failure = new Throwable[1];
        Thread first = Thread.ofPlatform().start(() -> {
            try {
                run(plan, slow, IoMode.AUTO);
            } catch (Throwable e) {
                failure[0] = e;
            }
        });
        running.await(1, TimeUnit.MINUTES);
        assertRefused();
        go.countDown();
        first.join();
        assertThat(failure[0]).isNull();
        assertThat(Snapshot.names(output)).containsExactly("model.safetensors");
    }

    private void assertRefused() {
        UsageException error = catchThrowableOfType(UsageException.class, () -> run(plan(YAML), new ReferenceBackend(), IoMode.AUTO));
        assertThat(error).hasMessageContaining("another merge is writing");
        assertThat(error.exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void mergeIsRefusedWhileAnotherProcessHoldsTheOutput() throws Exception {
        Files.createDirectories(output);
        Process child = ChildMerge.start("", "lock", models, output.resolve(".ingot-lock"));
        try (BufferedReader lines = child.inputReader()) {
            assertThat(lines.readLine()).isEqualTo("locked");
            assertRefused();
            child.getOutputStream().close();
            child.waitFor(1, TimeUnit.MINUTES);
        } finally {
            child.destroyForcibly();
        }
        run(plan(YAML), new ReferenceBackend(), IoMode.AUTO);
        assertThat(Snapshot.names(output)).containsExactly("model.safetensors");
    }

    @Test
    void anotherProcessIsRefusedWhileThisOneWrites() throws Exception {
        List<String> said = new ArrayList<>();
        Backend slow = new DisturbedBackend(new ReferenceBackend(), 1, () -> {
            Process child = ChildMerge.start("", YAML, models, output);
            try (BufferedReader lines = child.inputReader()) {
                said.addAll(lines.lines().toList());
            }
        });
        run(plan(YAML), slow, IoMode.AUTO);
        assertThat(said).hasSize(2);
        assertThat(said.getLast()).startsWith("exit 2:").contains("another merge is writing");
        assertThat(Snapshot.names(output)).containsExactly("model.safetensors");
    }

    @ParameterizedTest
    @CsvSource({"022, rwxr-xr-x, rw-r--r--", "077, rwx------, rw-------", "002, rwxrwxr-x, rw-rw-r--"})
    void outputFollowsTheUmask(String umask, String directoryMode, String fileMode) throws Exception {
        Process child = ChildMerge.start("umask " + umask, YAML, models, output);
        try (BufferedReader lines = child.inputReader()) {
            assertThat(lines.lines().toList()).containsExactly("started", "done, resumed 0");
        }
        assertThat(mode(output)).isEqualTo(directoryMode);
        for (String name : Snapshot.names(output)) {
            assertThat(mode(output.resolve(name))).as(name).isEqualTo(fileMode);
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** A file system of one mebibyte, if we may mount one; the merge takes more. */
    private interface OnSmallDisk {
        void test(Path disk) throws IOException;
    }

    private void onSmallDisk(String options, OnSmallDisk test) throws Exception {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Assumptions.assumeTrue(
                shell("mount -t tmpfs -o " + options + " tmpfs " + disk) == 0, "cannot mount a file system here");
        try {
            test.test(disk);
        } finally {
            assertThat(shell("umount " + disk)).isZero();
        }
    }

    private static int shell(String command) throws Exception {
        return new ProcessBuilder("sh", "-c", command + " 2>/dev/null").start().waitFor();
    }

    @Test
    void fullDiskShowsInThePlan() throws Exception {
        onSmallDisk("size=1m", disk -> {
            output = disk.resolve("deep/out");
            IngotException error = catchThrowableOfType(ResourceException.class, () -> plan(YAML));
            assertThat(error).hasMessageContaining("bytes are free");
            assertThat(error.exitCode()).isEqualTo(ExitCode.RESOURCES);
            assertThat(Snapshot.names(disk)).isEmpty();
        });
    }

    @Test
    void diskThatFillsUpLater() throws Exception {
        onSmallDisk("size=4m", disk -> {
            output = disk.resolve("out");
            Plan plan = plan(YAML);
            Files.write(disk.resolve("filler"), new byte[3 << 20]);
            assertThatThrownBy(() -> run(plan, new ReferenceBackend(), IoMode.AUTO))
                    .isInstanceOf(ResourceException.class)
                    .hasMessageContaining("space");
            assertThat(Snapshot.names(disk)).containsExactly("filler");
            Files.delete(disk.resolve("filler"));
            run(plan(YAML), new ReferenceBackend(), IoMode.AUTO);
            assertThat(Snapshot.names(output)).containsExactly("model.safetensors");
        });
    }

    /** What an interrupted run has done is kept when the next one finds too little room. */
    @Test
    void diskThatFillsUpBetweenRuns() throws Exception {
        onSmallDisk("size=4m", disk -> {
            output = disk.resolve("out");
            Plan plan = Ingot.create()
                    .plan(MergeRequest.ofYaml(YAML, "test.yml", models, output).withThreads(1).withShardSize("400KB"))
                    .plan();
            MergeExecutor[] executor = new MergeExecutor[1];
            Backend stopping = new DisturbedBackend(new ReferenceBackend(), 2, () -> executor[0].cancel());
            executor[0] = new MergeExecutor(plan, stopping, IoMode.AUTO);
            assertThatThrownBy(() -> executor[0].run(resumed -> new LinkedHashMap<>()))
                    .isInstanceOf(InterruptedMergeException.class);
            Path shard = output.resolve(plan.shards().getLast().fileName() + ".tmp");
            byte[] done = Files.readAllBytes(shard);
            truncate(shard);
            fill(disk.resolve("filler"));
            assertThatThrownBy(() -> run(plan, new ReferenceBackend(), IoMode.AUTO))
                    .isInstanceOf(ResourceException.class)
                    .hasMessageContaining("space");
            assertThat(Snapshot.names(output)).contains(Plan.JOURNAL, shard.getFileName().toString());
            Files.delete(disk.resolve("filler"));
            Files.write(shard, done);
            int[] resumed = new int[1];
            new MergeExecutor(plan, new ReferenceBackend(), IoMode.AUTO).run(tensors -> {
                resumed[0] = tensors;
                return new LinkedHashMap<>();
            });
            assertThat(resumed[0]).isPositive();
        });
    }

    private static void fill(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(new byte[4096]);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("space");
        }
    }

    @Test
    void readOnlyDisk() throws Exception {
        onSmallDisk("size=4m,ro", disk -> {
            output = disk.resolve("out");
            assertThatThrownBy(() -> plan(YAML)).isInstanceOf(ResourceException.class).hasMessageContaining("written");
        });
    }
}
