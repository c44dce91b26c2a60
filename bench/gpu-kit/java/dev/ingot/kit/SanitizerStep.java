// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every kernel once, without Java, on buffers that end where the interface says, under NVIDIA's compute-sanitizer. */
final class SanitizerStep implements Step {
    private static final double SECONDS_PER_TOOL = 35;

    @Override
    public String name() {
        return "sanitizer";
    }

    @Override
    public int seconds(boolean quick) {
        return quick ? 40 : 110;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        Path fatbin = kit.library("ingot.fatbin");
        if (!kit.shim() && !Files.exists(fatbin)) {
            return Outcome.failed("the kit has no kernels: it was built without nvcc", Map.of());
        }
        List<String> program = List.of(
                kit.library("touch-kernels").toString(),
                kit.shim() ? kit.emulatedDriver().toString() : "libcuda.so.1",
                fatbin.toString());
        Map<String, Object> facts = new LinkedHashMap<>();
        List<String> told = new ArrayList<>();
        boolean failed = run(kit, "plain", clock, program, facts, told);
        Optional<Path> sanitizer = Kit.program("compute-sanitizer", "/usr/local/cuda/bin");
        if (kit.shim() || sanitizer.isEmpty()) {
            told.add(kit.shim() ? "no sanitizer for the emulated driver" : "compute-sanitizer is not installed");
        } else {
            for (String tool : kit.quick() ? List.of("memcheck") : List.of("memcheck", "racecheck", "synccheck")) {
                List<String> line = new ArrayList<>(List.of(
                        sanitizer.get().toString(), "--tool", tool, "--error-exitcode", "99"));
                line.addAll(program);
                failed |= run(kit, tool, clock, line, facts, told);
            }
        }
        String summary = String.join(", ", told);
        return failed ? Outcome.failed(summary, facts) : Outcome.passed(summary, facts);
    }

    private static boolean run(
            Kit kit, String tool, Clock clock, List<String> line, Map<String, Object> facts, List<String> told)
            throws IOException, InterruptedException {
        Command command = Command.run(kit, "sanitizer-" + tool, clock.millis(SECONDS_PER_TOOL), line);
        facts.put(tool, Map.of("exit", command.exit(), "seconds", command.seconds()));
        told.add(tool + (command.exit() == 0 ? " clean" : ": " + command.failure()));
        return command.exit() != 0;
    }
}
