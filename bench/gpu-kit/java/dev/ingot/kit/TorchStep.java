// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.checkpoint.TestJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The same operations in plain torch code on the same GPU, beside the rates of the step {@value BenchStep#NAME}. */
final class TorchStep implements Step {
    static final String NAME = "torch";

    private static final int NO_TORCH = 77;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int seconds(boolean quick) {
        return quick ? 40 : 90;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        Optional<Path> python = Kit.program("python3");
        if (python.isEmpty()) {
            return Outcome.skipped("there is no python3");
        }
        List<String> line = new ArrayList<>(List.of(
                python.get().toString(), kit.home().resolve("torch_compare.py").toString()));
        if (kit.shim()) {
            line.addAll(List.of("--device", "cpu", "--elements", "4096", "--rounds", "1"));
        } else if (kit.quick()) {
            line.addAll(List.of("--elements", "16777216", "--rounds", "5"));
        }
        Command command = Command.run(kit, NAME, clock.millis(), line);
        if (command.exit() == NO_TORCH) {
            return Outcome.skipped("torch, or a GPU that it can use, is not there; see " + command.log());
        }
        Map<String, Object> facts = TestJson.object(TestJson.parse(command.answer()));
        List<Object> pairs = pairs(facts, earlier.getOrDefault(BenchStep.NAME, Map.of()));
        facts.put("beside", pairs);
        return Outcome.passed(TestJson.list(facts.get("rates")).size() + " operations in torch "
                + facts.get("torch") + ", " + pairs.size() + " beside kernels", facts);
    }

    /** Times of both for what both have measured. */
    private static List<Object> pairs(Map<String, Object> torch, Map<String, Object> kernels) {
        List<Object> pairs = new ArrayList<>();
        for (Object item : TestJson.list(torch.get("rates"))) {
            Map<String, Object> theirs = TestJson.object(item);
            for (Object other : TestJson.list(kernels.getOrDefault("rates", List.of()))) {
                Map<String, Object> ours = TestJson.object(other);
                if (List.of("kernel", "input", "elements").stream().allMatch(key -> ours.get(key).equals(theirs.get(key)))) {
                    double torchSeconds = ((Number) theirs.get("seconds")).doubleValue();
                    double seconds = ((Number) ours.get("seconds")).doubleValue();
                    Map<String, Object> pair = new LinkedHashMap<>();
                    pair.put("kernel", ours.get("kernel"));
                    pair.put("input", ours.get("input"));
                    pair.put("elements", ours.get("elements"));
                    pair.put("seconds", seconds);
                    pair.put("torchSeconds", torchSeconds);
                    pair.put("speedup", torchSeconds / seconds);
                    pairs.add(pair);
                }
            }
        }
        return pairs;
    }
}
