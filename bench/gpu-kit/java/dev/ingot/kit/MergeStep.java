// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.checkpoint.TestJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Streamed merges of synthetic checkpoints on the GPU and on the processor: the same bytes, and how fast. */
final class MergeStep implements Step {
    static final String NAME = "merges";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int seconds(boolean quick) {
        return quick ? 60 : 130;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        Path models = kit.data().resolve("models");
        List<String> size = kit.shim() ? List.of("--shape", "tiny")
                : List.of("--params", kit.quick() ? "125M" : "500M");
        List<String> generate = new ArrayList<>(kit.java(
                kit.home().resolve("tests/generate").toString(), List.of("-Xmx1g"), "Generate", "--out", models.toString()));
        generate.addAll(size);
        Command.run(kit, "generate", clock.millis(), generate).answer();

        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("parameters", size.getLast());
        List<String> told = new ArrayList<>();
        boolean failed = false;
        for (String method : kit.quick() ? List.of("linear", "ties") : List.of("linear", "ties", "dare_ties")) {
            Map<String, Object> cuda = merge(kit, clock, models, method, "cuda");
            Map<String, Object> cpu = merge(kit, clock, models, method, "cpu");
            String difference = difference(kit.data().resolve("cuda"), kit.data().resolve("cpu"));
            failed |= !difference.isEmpty();
            facts.put(method, new LinkedHashMap<>(Map.of(
                    "cuda", cuda, "cpu", cpu, "sameBytes", difference.isEmpty(), "difference", difference)));
            told.add(String.format(Locale.ROOT, "%s %s, cuda %.2f s, cpu %.2f s", method,
                    difference.isEmpty() ? "same bytes" : difference, (Double) cuda.get("seconds"),
                    (Double) cpu.get("seconds")));
        }
        String summary = String.join("; ", told);
        return failed ? Outcome.failed(summary, facts) : Outcome.passed(summary, facts);
    }

    private static Map<String, Object> merge(Kit kit, Clock clock, Path models, String method, String backend)
            throws IOException, InterruptedException {
        Path output = kit.data().resolve(backend);
        Path config = models.resolve(method + ".yml");
        Files.copy(kit.home().resolve("data/configs/" + method + ".yml"), config,
                StandardCopyOption.REPLACE_EXISTING);
        String name = "merge-" + method + "-" + backend;
        Map<String, Object> facts = new LinkedHashMap<>();
        try (DeviceMemoryWatch memory = DeviceMemoryWatch.start(kit, name)) {
            Command command = Command.run(kit, name, clock.millis(), kit.ingot(
                    "merge", config.toString(), output.toString(), "--backend", backend, "--overwrite", "--quiet", "--json"));
            Map<String, Object> report = TestJson.object(TestJson.parse(command.answer()));
            double seconds = ((Number) report.get("seconds")).doubleValue();
            double bytes = ((Number) report.get("bytesRead")).doubleValue();
            facts.put("seconds", seconds);
            facts.put("commandSeconds", command.seconds());
            facts.put("bytesRead", report.get("bytesRead"));
            facts.put("inputBytesPerSecond", bytes / seconds);
            if (memory.bytes().isPresent()) {
                facts.put("deviceMemory", memory.bytes().getAsLong());
            }
            facts.put("report", report);
        }
        return facts;
    }

    /** Empty if both folders have the same weights. */
    private static String difference(Path one, Path other) throws IOException {
        List<String> names = weights(one);
        if (names.isEmpty() || !names.equals(weights(other))) {
            return "weight files differ: " + names + " and " + weights(other);
        }
        for (String name : names) {
            long at = Files.mismatch(one.resolve(name), other.resolve(name));
            if (at >= 0) {
                return name + " differs from byte " + at + " on";
            }
        }
        return "";
    }

    private static List<String> weights(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".safetensors")).sorted().toList();
        }
    }
}
