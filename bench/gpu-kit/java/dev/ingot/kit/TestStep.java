// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.fixture.EmulatedDriver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * All tests of the CUDA backend, on the driver of this machine: the environment is that of the build, but for the driver. A test
 * that was skipped has not passed.
 */
final class TestStep implements Step {
    private static final Pattern COUNT = Pattern.compile("\\[\\s*(\\d+) tests (found|skipped|successful|failed|aborted)\\s*]");

    /** What is said of a test that was skipped or aborted. */
    private static final Pattern NOT_RUN = Pattern.compile(":: (SKIPPED|ABORTED)");

    /** Parts of the names of classes that test on GPUs, alone or beside the other backends. */
    private static final String ALL = "Cuda|Gpu|KernelLadder|TileInvariance";

    /** Without those that take minutes on the emulated driver, on which every build runs them. */
    private static final String EMULATED = "Cuda|Gpu|TileInvariance";

    /** Tests of cuBLAS and cuSOLVER, of which some need them and some need that they are not there. */
    private static final String NOT_OF_THE_BACKEND = ".*CudaMathLibraries.*";

    /** Where cuBLAS or cuSOLVER is not there, these are skipped, and so is the step {@value AlgebraStep#NAME}, which tells it. */
    private static final String NEEDS_LIBRARIES = "CudaAlgebraTest";

    @Override
    public String name() {
        return "tests";
    }

    @Override
    public int seconds(boolean quick) {
        return quick ? 60 : 150;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner", "--disable-ansi-colors",
                "--details=testfeed", "--scan-classpath=" + kit.home().resolve("tests/classes"),
                "--include-classname=.*(" + (kit.shim() ? EMULATED : ALL) + ").*Test",
                "--exclude-classname=" + NOT_OF_THE_BACKEND));
        if (!kit.shim()) {
            // Failures on demand, and what is not freed: no real driver offers that.
            words.add("--exclude-tag=" + EmulatedDriver.TAG);
        }
        Command command = Command.run(kit, name(), clock.millis(), Map.of("INGOT_CUDA_DEVICES", "none"), kit.java(
                kit.testClassPath(),
                List.of("--enable-native-access=ALL-UNNAMED", "-Xmx1g"),
                words.toArray(String[]::new)));
        Map<String, Object> counts = new LinkedHashMap<>();
        Matcher matcher = COUNT.matcher(command.out());
        while (matcher.find()) {
            counts.put(matcher.group(2), Long.parseLong(matcher.group(1)));
        }
        long passed = (Long) counts.getOrDefault("successful", 0L);
        long skipped = (Long) counts.getOrDefault("skipped", 0L) + (Long) counts.getOrDefault("aborted", 0L);
        String summary = passed + " passed, " + counts.getOrDefault("failed", 0L) + " failed, " + skipped + " skipped";
        if (command.exit() == -1) {
            List<String> told = command.out().lines().toList();
            return Outcome.failed("out of time at: " + (told.isEmpty() ? "the start" : told.getLast()), counts);
        }
        if (command.exit() != 0) {
            return Outcome.failed(summary + "; see " + kit.work().resolve(name() + ".out"), counts);
        }
        List<String> left = command.out().lines()
                .filter(line -> NOT_RUN.matcher(line).find() && line.toLowerCase(Locale.ROOT).contains("cuda"))
                .filter(line -> !line.contains(NEEDS_LIBRARIES))
                .toList();
        if (!left.isEmpty()) {
            return Outcome.failed(summary + "; not run: " + left.getFirst(), counts);
        }
        return passed == 0 ? Outcome.failed("no test ran: " + summary, counts) : Outcome.passed(summary, counts);
    }
}
