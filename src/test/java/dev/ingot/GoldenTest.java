// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.error.ConfigException;
import dev.ingot.error.IngotException;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.kernel.Backends;
import dev.ingot.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Merges golden cases and compares the results with those of reference implementations, on every backend of this machine.
 * Prints one line per case and backend. The system property {@value #PROPERTY} names another directory with cases. What
 * the engine cannot do yet is reported as unsupported and counts as skipped, never as passed.
 */
class GoldenTest {
    private static final String PROPERTY = "ingot.golden";
    private static final Map<Verdict, Integer> COUNTS = new EnumMap<>(Verdict.class);

    private final Path root = Path.of(System.getProperty(PROPERTY, "src/test/resources/golden"));
    private final Methods methods = Methods.load();
    private final Ingot ingot = Ingot.create(withGpus());

    @TempDir
    private Path temporary;

    private enum Verdict {
        PASSED,
        FAILED,
        UNSUPPORTED
    }

    @TestFactory
    Stream<DynamicNode> cases() {
        List<GoldenCase> cases = GoldenCase.below(root);
        assertThat(cases).as("golden cases below " + root).isNotEmpty();
        List<String> backends = Backends.detect(withGpus()).all().stream()
                .filter(found -> found.backend().isPresent())
                .map(Backends.Availability::name)
                .toList();
        return cases.stream().flatMap(golden -> backends.stream()
                .map(backend -> DynamicTest.dynamicTest(golden.name() + " on " + backend, () -> run(golden, backend))));
    }

    /**
     * The environment without what keeps the other tests from the GPUs, emulated ones for the most part, and with all matrices
     * worked on there, small as they are.
     */
    private static Map<String, String> withGpus() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.remove("INGOT_CUDA_DEVICES");
        environment.put("INGOT_CUDA_MATRICES", "all");
        return environment;
    }

    @AfterAll
    static void summary() {
        System.out.printf(
                "golden: %d passed, %d failed, %d unsupported%n",
                COUNTS.getOrDefault(Verdict.PASSED, 0),
                COUNTS.getOrDefault(Verdict.FAILED, 0),
                COUNTS.getOrDefault(Verdict.UNSUPPORTED, 0));
        COUNTS.clear();
    }

    private void run(GoldenCase golden, String backend) throws IOException {
        try {
            double error = error(golden, backend);
            if (!(error <= GoldenDeviation.tolerance(golden))) {
                throw new AssertionError("error " + number(error));
            }
            report(golden, backend, Verdict.PASSED, "error " + number(error));
        } catch (GoldenConfig.Unsupported e) {
            report(golden, backend, Verdict.UNSUPPORTED, "unsupported: " + e.getMessage());
            Assumptions.abort("unsupported: " + e.getMessage());
        } catch (IngotException | IllegalStateException | AssertionError e) {
            report(golden, backend, Verdict.FAILED, e.getMessage());
            throw e;
        }
    }

    private double error(GoldenCase golden, String backend) throws GoldenConfig.Unsupported, IOException {
        GoldenMetric metric = GoldenMetric.byName(GoldenDeviation.compare(golden))
                .orElseThrow(() -> new GoldenConfig.Unsupported("compare " + golden.compare()));
        if (!methods.names().contains(golden.method()) && golden.config().isPresent()) {
            throw new GoldenConfig.Unsupported("method " + golden.method());
        }
        if (!golden.unknown().isEmpty()) {
            throw new GoldenConfig.Unsupported(String.join(", ", golden.unknown()));
        }
        MergeRequest request = request(golden)
                .withBackend(backend)
                .withTokenizerCopy(GoldenTokens.applies(golden))
                .withRng("mergekit")
                .withSeed(golden.seed().orElse(0));
        boolean masks = GoldenMasks.applies(golden);
        request = masks ? request.asMasks() : request;
        boolean draws = plan(request).plan().tensors().stream().anyMatch(tensor -> tensor.draws() > 0);
        if (draws && golden.seed().isEmpty()) {
            throw new GoldenConfig.Unsupported("random masks of an unknown generator");
        }
        Path output = ingot.merge(request).output();
        SortedMap<String, TestTensor> found =
                masks ? GoldenMasks.read(golden, output) : TestCheckpoint.read(output);
        SortedMap<String, TestTensor> expected = TestCheckpoint.read(golden.expected());
        checkTensors(golden, expected, found);
        expected.values().removeIf(tensor -> GoldenDeviation.leavesOut(golden, tensor));
        if (GoldenTokens.applies(golden)) {
            GoldenTokens.reorder(golden, output, expected);
            return metric.error(expected, found, Map.of());
        }
        Path base = golden.family().resolve(base(golden));
        return metric.error(expected, found, TestCheckpoint.read(base));
    }

    /** What the engine says it does not know counts as unsupported; any other refusal is a failure. */
    private MergePlan plan(MergeRequest request) throws GoldenConfig.Unsupported {
        try {
            return ingot.plan(request);
        } catch (ConfigException e) {
            if (e.getMessage().contains("not supported") || e.getMessage().contains("has no parameter")) {
                throw new GoldenConfig.Unsupported(e.getMessage());
            }
            throw e;
        }
    }

    private MergeRequest request(GoldenCase golden) throws GoldenConfig.Unsupported, IOException {
        String yaml = golden.config().isPresent()
                ? Files.readString(golden.config().get())
                : GoldenConfig.of(golden, methods, temporary);
        Path output = Files.createTempDirectory(temporary, "out");
        return MergeRequest.ofYaml(yaml, golden.name(), golden.family(), output);
    }

    private static void checkTensors(GoldenCase golden, Map<String, TestTensor> expected, Map<String, TestTensor> found) {
        assertThat(expected).as(golden.name() + ": expected tensors").isNotEmpty();
        if (golden.subset()) {
            assertThat(found.keySet()).as(golden.name()).containsAll(expected.keySet());
        } else {
            assertThat(found.keySet()).as(golden.name()).isEqualTo(expected.keySet());
        }
        expected.forEach((name, tensor) -> {
            assertThat(found.get(name).shape()).as(golden.name() + ": shape of " + name).isEqualTo(tensor.shape());
            assertThat(found.get(name).dtype()).as(golden.name() + ": type of " + name).isEqualTo(tensor.dtype());
        });
    }

    /** The model that errors are relative to. */
    private static String base(GoldenCase golden) {
        Optional<String> first = golden.models().stream().findFirst();
        return golden.models().isEmpty() || golden.models().contains("base") ? "base" : first.orElseThrow();
    }

    private static synchronized void report(GoldenCase golden, String backend, Verdict verdict, String result) {
        COUNTS.merge(verdict, 1, Integer::sum);
        String tolerance = verdict == Verdict.UNSUPPORTED ? "" : " " + golden.compare() + ", tolerance " + number(golden.tolerance());
        System.out.printf(
                "golden %-11s %-44s %-16s %-10s %s%s%n",
                verdict.name().toLowerCase(Locale.ROOT), golden.name(), golden.method(), backend, result, tolerance);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1e", value);
    }
}
