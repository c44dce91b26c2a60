// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.checkpoint.TestJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table that {@code gpu-check} ends with. */
final class Summary {
    private final List<String> lines = new ArrayList<>();

    private Summary() {}

    static List<String> lines(Kit kit, Map<String, Step.Outcome> outcomes, Map<String, Map<String, Object>> facts) {
        Summary summary = new Summary();
        if (kit.shim()) {
            summary.add("EMULATED DRIVER: this checks the kit; no figure below says anything of a GPU.");
        }
        summary.kernels(facts.getOrDefault(BenchStep.NAME, Map.of()), facts.getOrDefault(TorchStep.NAME, Map.of()));
        summary.merges(
                facts.getOrDefault(MergeStep.NAME, Map.of()), facts.getOrDefault(BenchStep.NAME, Map.of()));
        summary.add("");
        outcomes.forEach((name, outcome) ->
                summary.add("%-10s %-8s %s", name, outcome.state().name().toLowerCase(Locale.ROOT), outcome.summary()));
        summary.add("%d passed, %d failed, %d skipped",
                count(outcomes, Step.State.PASSED), count(outcomes, Step.State.FAILED), count(outcomes, Step.State.SKIPPED));
        return summary.lines;
    }

    private static long count(Map<String, Step.Outcome> outcomes, Step.State state) {
        return outcomes.values().stream().filter(outcome -> outcome.state() == state).count();
    }

    /** Rates beside copies; times beside torch's. */
    private void kernels(Map<String, Object> kernels, Map<String, Object> torch) {
        add("%-16s %-5s %10s %9s %8s %8s %6s %7s %8s %7s", "kernel", "in", "elements", "ms", "GB/s", "copy", "/copy",
                "passes", "torch ms", "torch/");
        for (Object item : TestJson.list(kernels.getOrDefault("rates", List.of()))) {
            Map<String, Object> rate = TestJson.object(item);
            String theirs = "";
            String times = "";
            for (Object other : TestJson.list(torch.getOrDefault("beside", List.of()))) {
                Map<String, Object> pair = TestJson.object(other);
                if (List.of("kernel", "input", "elements").stream().allMatch(key -> pair.get(key).equals(rate.get(key)))) {
                    theirs = String.format(Locale.ROOT, "%.3f", 1e3 * number(pair, "torchSeconds"));
                    times = String.format(Locale.ROOT, "%.1f", number(pair, "speedup"));
                }
            }
            add("%-16s %-5s %10d %9.3f %8.1f %8.1f %6.2f %7.2f %8s %7s", rate.get("kernel"), rate.get("input"),
                    rate.get("elements"), 1e3 * number(rate, "seconds"), number(rate, "bytesPerSecond") / 1e9,
                    number(rate, "copyBytesPerSecond") / 1e9, number(rate, "ratio"), number(rate, "trafficRatio"),
                    theirs, times);
        }
    }

    private void merges(Map<String, Object> merges, Map<String, Object> kernels) {
        add("");
        add("%-10s %9s %9s %10s %10s %8s %10s  %s", "merge", "cuda s", "cpu s", "input GB/s", "pinned GB/s", "share",
                "GPU MiB", "bytes");
        double pinned = TestJson.list(kernels.getOrDefault("transfers", List.of())).stream()
                .map(TestJson::object)
                .filter(transfer -> transfer.get("name").equals("host to device"))
                .mapToDouble(transfer -> number(transfer, "bytesPerSecond"))
                .findFirst()
                .orElse(Double.NaN);
        merges.forEach((method, value) -> {
            if (value instanceof Map<?, ?> && TestJson.object(value).containsKey("cuda")) {
                Map<String, Object> merge = TestJson.object(value);
                Map<String, Object> cuda = TestJson.object(merge.get("cuda"));
                double rate = number(cuda, "inputBytesPerSecond");
                add("%-10s %9.2f %9.2f %10.2f %10.2f %8.2f %10s  %s", method, number(cuda, "seconds"),
                        number(TestJson.object(merge.get("cpu")), "seconds"), rate / 1e9, pinned / 1e9, rate / pinned,
                        cuda.containsKey("deviceMemory") ? (long) number(cuda, "deviceMemory") >> 20 : "not seen",
                        (Boolean) merge.get("sameBytes") ? "same" : merge.get("difference"));
            }
        });
    }

    private static double number(Map<String, Object> object, String key) {
        return ((Number) object.get(key)).doubleValue();
    }

    private void add(String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
    }
}
