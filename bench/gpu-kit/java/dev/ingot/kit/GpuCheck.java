// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Runs all steps, whatever became of those before, writes what they found to one JSON file and prints a table. Its exit code is
 * 0 if no step failed.
 */
public final class GpuCheck {
    private static final List<Step> STEPS = List.of(
            new DoctorStep(), new TestStep(), new SanitizerStep(), new BenchStep(), new MergeStep(), new AlgebraStep(),
            new MatrixStep(), new TorchStep());

    /** The whole must end before machines that are lent for ten minutes are taken back. */
    private static final double MOST_SECONDS = 540;

    /** How much longer everything may take with the emulated driver. */
    private static final int EMULATED_FACTOR = 5;

    private static final long SHARED_MEMORY_NEEDED = 12L << 30;
    private static final String USAGE = "usage: gpu-check [--quick] [--shim] [--dir DIR] [--json FILE] [--steps A,B]";

    private GpuCheck() {}

    /** Takes the command line's words. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i++) {
            String option = arguments[i];
            if (List.of("--quick", "--shim").contains(option)) {
                options.put(option, "");
            } else if (List.of("--dir", "--json", "--steps").contains(option) && i + 1 < arguments.length) {
                options.put(option, arguments[++i]);
            } else {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
        System.exit(run(options) ? 0 : 1);
    }

    private static boolean run(Map<String, String> options) throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("kit.home"));
        Path work = Files.createTempDirectory("gpu-check-");
        Path data = Files.createTempDirectory(dataFolder(options, work), "gpu-check-data-");
        Kit kit = new Kit(home, work, data, options.containsKey("--quick"), options.containsKey("--shim"),
                Kit.mathLibraries(home));
        if (kit.shim() && !Files.exists(kit.emulatedDriver())) {
            System.err.println("error: " + kit.emulatedDriver() + " is missing\nhint: build the kit where g++ is");
            return false;
        }
        Set<String> chosen = Set.of(options.getOrDefault("--steps",
                String.join(",", STEPS.stream().map(Step::name).toList())).split(","));
        Map<String, Map<String, Object>> facts = new LinkedHashMap<>();
        Map<String, Step.Outcome> outcomes = new LinkedHashMap<>();
        Step.Clock whole = Step.Clock.of(MOST_SECONDS * factor(kit));
        long start = System.nanoTime();
        try {
            for (Step step : STEPS) {
                if (chosen.contains(step.name())) {
                    outcomes.put(step.name(), run(step, kit, whole, facts));
                }
            }
        } finally {
            delete(data);
        }
        Path json = Path.of(options.getOrDefault("--json", "gpu-check.json")).toAbsolutePath();
        Files.writeString(json, Json.text(document(kit, outcomes, facts, (System.nanoTime() - start) / 1e9)) + "\n");
        Summary.lines(kit, outcomes, facts).forEach(System.out::println);
        System.out.println("all figures: " + json + ", logs: " + work);
        return outcomes.values().stream().noneMatch(outcome -> outcome.state() == Step.State.FAILED);
    }

    /** Where checkpoints are made: in memory if there is enough of it, so that no disk is measured. */
    private static Path dataFolder(Map<String, String> options, Path work) throws IOException {
        if (options.containsKey("--dir")) {
            return Files.createDirectories(Path.of(options.get("--dir")).toAbsolutePath());
        }
        Path memory = Path.of("/dev/shm");
        if (Files.isWritable(memory)) {
            FileStore store = Files.getFileStore(memory);
            boolean little = options.containsKey("--quick") || options.containsKey("--shim");
            if (store.getUsableSpace() > (little ? SHARED_MEMORY_NEEDED / 4 : SHARED_MEMORY_NEEDED)) {
                return memory;
            }
        }
        return work;
    }

    private static int factor(Kit kit) {
        return kit.shim() ? EMULATED_FACTOR : 1;
    }

    private static Step.Outcome run(Step step, Kit kit, Step.Clock whole, Map<String, Map<String, Object>> facts)
            throws InterruptedException {
        System.err.println(step.name() + " ...");
        long start = System.nanoTime();
        Step.Outcome outcome;
        try {
            Step.Clock clock = Step.Clock.of(whole.millis(step.seconds(kit.quick()) * factor(kit)) / 1e3);
            outcome = step.run(kit, clock, facts);
        } catch (IOException | RuntimeException e) {
            outcome = Step.Outcome.failed(e instanceof StepFailure ? e.getMessage() : e.toString(), Map.of());
        }
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("state", outcome.state().name().toLowerCase(Locale.ROOT));
        found.put("summary", outcome.summary());
        found.put("elapsedSeconds", (System.nanoTime() - start) / 1e9);
        found.putAll(outcome.facts());
        facts.put(step.name(), found);
        System.err.println(step.name() + ": " + found.get("state") + ", " + outcome.summary());
        return outcome;
    }

    private static Map<String, Object> document(
            Kit kit, Map<String, Step.Outcome> outcomes, Map<String, Map<String, Object>> facts, double seconds)
            throws IOException, InterruptedException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", "ingot.gpu-check/1");
        document.put("commit", kit.commit());
        document.put("emulated", kit.shim());
        document.put("quick", kit.quick());
        document.put("time", Instant.now().toString());
        document.put("elapsedSeconds", seconds);
        document.put("gpus", GpuFacts.read(kit));
        document.put("failed", outcomes.entrySet().stream()
                .filter(entry -> entry.getValue().state() == Step.State.FAILED).map(Map.Entry::getKey).toList());
        document.put("steps", facts);
        return document;
    }

    private static void delete(Path folder) throws IOException {
        List<Path> paths = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            walk.sorted(Comparator.reverseOrder()).forEach(paths::add);
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
