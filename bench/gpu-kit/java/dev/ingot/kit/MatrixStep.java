// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.checkpoint.TestJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Methods that work on whole matrices, merged on the GPU by Ingot and by plain torch code: the same result, and how fast. */
final class MatrixStep implements Step {
    static final String NAME = "matrices";

    private static final int NO_TORCH = 77;
    private static final int EXPERTS = 4;
    private static final int STEPS = 100;

    /** Squared difference over the squared merged delta: that of float32 and of other routes to it. */
    private static final double MOST_DIFFERENCE = 1e-6;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int seconds(boolean quick) {
        return quick ? 60 : 150;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        Optional<Path> python = Kit.program("python3");
        if (python.isEmpty()) {
            return Outcome.skipped("there is no python3");
        }
        Path data = kit.data().resolve(NAME);
        String side = kit.shim() ? "64" : kit.quick() ? "2048" : "4096";
        Command made = Command.run(kit, "make-matrices", clock.millis(), torch(kit, python.get(), "make", data.toString(),
                "--rows", side, "--cols", side, "--experts", String.valueOf(EXPERTS)));
        if (made.exit() == NO_TORCH) {
            return Outcome.skipped("torch, or a GPU that it can use, is not there; see " + made.log());
        }
        made.answer();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("order", side);
        List<String> told = new ArrayList<>();
        boolean same = true;
        for (String method : List.of("tsv_m", "iso_c", "wudi")) {
            Map<String, Object> ours = ingot(kit, clock, data, method);
            Map<String, Object> theirs = TestJson.object(TestJson.parse(Command.run(kit, "torch-" + method, clock.millis(),
                            torch(kit, python.get(), "run", method, "--data", data.toString(), "--beside",
                                    data.resolve("out").toString(), "--steps", String.valueOf(STEPS)))
                    .answer()));
            double seconds = number(ours, "seconds");
            double nmse = number(theirs, "nmse");
            same &= nmse <= MOST_DIFFERENCE;
            facts.put(method, new LinkedHashMap<>(Map.of("ingot", ours, "rival", theirs)));
            told.add(String.format(Locale.ROOT, "%s %.2f s, torch %.2f s (computing %.2f), ratio %.1f, nmse %.1e", method,
                    seconds, number(theirs, "seconds"), number(theirs, "computing"), number(theirs, "seconds") / seconds,
                    nmse));
        }
        String summary = String.join("; ", told);
        return same ? Outcome.passed(summary, facts) : Outcome.failed(summary, facts);
    }

    private static List<String> torch(Kit kit, Path python, String... words) {
        List<String> line = new ArrayList<>(List.of(python.toString(), kit.home().resolve("torch_matrices.py").toString()));
        if (kit.shim()) {
            line.addAll(List.of("--device", "cpu"));
        }
        line.addAll(List.of(words));
        return line;
    }

    private static Map<String, Object> ingot(Kit kit, Clock clock, Path data, String method)
            throws IOException, InterruptedException {
        String template = Files.readString(kit.home().resolve("data/matrices/" + method + ".yml"));
        String models = IntStream.range(0, EXPERTS)
                .mapToObj(i -> "  - model: expert" + i)
                .collect(Collectors.joining("\n"));
        Path config = data.resolve(method + ".yml");
        Files.writeString(config, template.replace("@MODELS@", models).replace("@STEPS@", String.valueOf(STEPS)));
        Command command = Command.run(kit, "merge-" + method, clock.millis(),
                kit.shim() ? Map.of("INGOT_CUDA_MATRICES", "all") : Map.of(),
                kit.ingot("merge", config.toString(), data.resolve("out").toString(), "--backend", "cuda", "--overwrite",
                        "--memory", "16GiB", "--quiet", "--json"));
        return TestJson.object(TestJson.parse(command.answer()));
    }

    private static double number(Map<String, Object> object, String key) {
        return ((Number) object.get(key)).doubleValue();
    }
}
