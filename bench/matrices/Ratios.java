// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Collects what {@link Compare} measured; shows it as a table of medians and as JSON with every sample in it. */
final class Ratios {

    /**
     * One round of one method on one shape. What was not run is null.
     *
     * @param rival the torch script, from start to exit
     * @param computing the seconds in it that it spent on merging, without imports, loading and writing
     * @param ingot Ingot, from start to exit
     * @param own the seconds that Ingot says its merge took, without the start of the JVM
     * @param nmse squared difference of the merged deltas over the squared delta, of the worst matrix
     */
    record Sample(int round, String shape, String method, Timed rival, Double computing, Timed ingot, Double own,
                  Double nmse) {

        Double ratio() {
            return ratio(wall(rival), wall(ingot));
        }

        /** The harshest one: all that Ingot takes against nothing but the rival's arithmetic. */
        Double strict() {
            return ratio(computing, wall(ingot));
        }

        Double cpu() {
            return ratio(rival == null ? null : rival.cpu(), ingot == null ? null : ingot.cpu());
        }

        /** For people who follow the run. */
        String line() {
            return format("round %d %-11s %-15s torch %s s (computing %s, cpu %s), ingot %s s (own %s, cpu %s), ratio %s,"
                    + " nmse %s", round, shape, method, text(wall(rival)), text(computing),
                    text(rival == null ? null : rival.cpu()), text(wall(ingot)), text(own),
                    text(ingot == null ? null : ingot.cpu()), text(ratio()), small(nmse));
        }

        private Map<String, Object> json() {
            var map = new LinkedHashMap<String, Object>();
            map.put("round", round);
            map.put("shape", shape);
            map.put("method", method);
            put(map, "rival", rival == null ? null : rival.json());
            put(map, "rivalComputingSeconds", computing);
            put(map, "ingot", ingot == null ? null : ingot.json());
            put(map, "ingotOwnSeconds", own);
            put(map, "ratio", ratio());
            put(map, "strictRatio", strict());
            put(map, "cpuRatio", cpu());
            put(map, "nmse", nmse == null ? null : small(nmse));
            return map;
        }

        static Double wall(Timed timed) {
            return timed == null ? null : timed.wall();
        }

        private static Double ratio(Double one, Double other) {
            return one == null || other == null ? null : one / other;
        }
    }

    private final List<Sample> samples = new ArrayList<>();

    void add(Sample sample) {
        samples.add(sample);
    }

    /** Medians over the rounds, one line per shape and method. */
    String table() {
        var out = new StringBuilder(format("%-11s %-15s %2s %8s %8s %8s %8s %6s %-13s %6s %6s %8s %8s %8s%n", "shape",
                "method", "n", "torch s", "computes", "ingot s", "own s", "ratio", "[min-max]", "strict", "cpu",
                "torch MB", "ingot MB", "nmse"));
        for (List<Sample> group : groups().values()) {
            Sample any = group.getFirst();
            var all = group.stream().map(Sample::ratio).filter(Objects::nonNull).mapToDouble(Double::doubleValue)
                    .summaryStatistics();
            out.append(format("%-11s %-15s %2d %8s %8s %8s %8s %6s %-13s %6s %6s %8s %8s %8s%n", any.shape(),
                    any.method(), group.size(), text(median(group, s -> Sample.wall(s.rival()))),
                    text(median(group, Sample::computing)), text(median(group, s -> Sample.wall(s.ingot()))),
                    text(median(group, Sample::own)), text(median(group, Sample::ratio)),
                    all.getCount() == 0 ? "-" : format("[%.2f-%.2f]", all.getMin(), all.getMax()),
                    text(median(group, Sample::strict)), text(median(group, Sample::cpu)),
                    whole(median(group, s -> megabytes(s.rival()))), whole(median(group, s -> megabytes(s.ingot()))),
                    small(worst(group))));
        }
        return out.toString();
    }

    /** Everything, with the medians first; {@code head} goes before both. */
    String json(Map<String, Object> head) {
        var map = new LinkedHashMap<>(head);
        map.put("medians", groups().values().stream().map(Ratios::medians).toList());
        map.put("samples", samples.stream().map(Sample::json).toList());
        return Report.write(map, "") + "\n";
    }

    private Map<String, List<Sample>> groups() {
        return samples.stream().collect(Collectors.groupingBy(s -> s.shape() + " " + s.method(), LinkedHashMap::new,
                Collectors.toList()));
    }

    private static Map<String, Object> medians(List<Sample> group) {
        var map = new LinkedHashMap<String, Object>();
        map.put("shape", group.getFirst().shape());
        map.put("method", group.getFirst().method());
        map.put("rounds", group.size());
        put(map, "rivalSeconds", median(group, s -> Sample.wall(s.rival())));
        put(map, "rivalComputingSeconds", median(group, Sample::computing));
        put(map, "ingotSeconds", median(group, s -> Sample.wall(s.ingot())));
        put(map, "ingotOwnSeconds", median(group, Sample::own));
        put(map, "ratio", median(group, Sample::ratio));
        put(map, "strictRatio", median(group, Sample::strict));
        put(map, "cpuRatio", median(group, Sample::cpu));
        Double worst = worst(group);
        put(map, "nmse", worst == null ? null : small(worst));
        return map;
    }

    /** The median of those samples that have the figure, or null if none has. */
    private static Double median(List<Sample> group, Function<Sample, Double> figure) {
        double[] sorted = group.stream().map(figure).filter(Objects::nonNull).mapToDouble(Double::doubleValue).sorted()
                .toArray();
        return sorted.length == 0 ? null : (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** The largest difference of all rounds; a NaN is larger than any. */
    private static Double worst(List<Sample> group) {
        return group.stream().map(Sample::nmse).filter(Objects::nonNull).max(Double::compare).orElse(null);
    }

    private static Double megabytes(Timed timed) {
        return timed == null ? null : timed.peakAnonymous() / 1e6;
    }

    private static void put(Map<String, Object> map, String name, Object value) {
        if (value != null) {
            map.put(name, value);
        }
    }

    private static String text(Double value) {
        return value == null ? "-" : format("%.2f", value);
    }

    private static String whole(Double value) {
        return value == null ? "-" : format("%.0f", value);
    }

    private static String small(Double value) {
        return value == null ? "-" : format("%.1e", value);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
