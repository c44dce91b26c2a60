// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Collects the samples of a run; shows them as a table of medians and as JSON with every sample in it. */
final class Report {

    /**
     * One merge and the floor that was taken right beside it.
     *
     * @param method the name of the config file
     * @param tool what merged, or "none" where only the floor was taken
     * @param cat reading the inputs
     * @param copy writing as many bytes as the output has, with fsync
     * @param merge the merge with fsync, or null
     * @param read input bytes
     * @param written output bytes of the floor
     */
    record Sample(int round, String method, String tool, Timed cat, Timed copy, Timed merge, long read, long written) {

        /** Programs and libraries are read from the disk as well; a run time of Java is some ten megabytes. */
        private static final long PROGRAMS = 32L << 20;

        double floor() {
            return cat.wall() + copy.wall();
        }

        double ratio() {
            return merge.wall() / floor();
        }

        /** For people who follow the run. */
        String line() {
            String floor = format("floor %.2f s (cat %.2f at %.2f GB/s, cp + fsync %.2f at %.2f GB/s)", floor(),
                    cat.wall(), read / cat.wall() / 1e9, copy.wall(), written / copy.wall() / 1e9);
            String warning = cold() ? format("; COLD: %d MB came from the disk", diskRead() / 1000000) : "";
            return format("round %d %-15s %s%s%s", round, method, floor,
                    merge == null ? "" : format(", %s %.2f s, ratio %.2f", tool, merge.wall(), ratio()), warning);
        }

        /** Whether more than a hundredth of the input had left the page cache in spite of the reading before. */
        boolean cold() {
            return diskRead() > Math.max(read / 100, PROGRAMS);
        }

        private long diskRead() {
            return Math.max(Math.max(cat.diskRead(), copy.diskRead()), merge == null ? 0 : merge.diskRead());
        }

        private Map<String, Object> json() {
            var map = new LinkedHashMap<String, Object>();
            map.put("round", round);
            map.put("method", method);
            map.put("tool", tool);
            map.put("inputBytes", read);
            map.put("outputBytes", written);
            map.put("floorSeconds", floor());
            map.put("cat", cat.json());
            map.put("copy", copy.json());
            map.put("cold", cold());
            if (merge != null) {
                map.put("ratio", ratio());
                map.put("merge", merge.json());
            }
            return map;
        }
    }

    private final List<Sample> samples = new ArrayList<>();

    void add(Sample sample) {
        samples.add(sample);
    }

    /**
     * Medians over the rounds, one line per method and tool. In brackets the smallest and the largest ratio; "best" is
     * the quickest merge over the quickest floor, the figure that a noisy neighbour spoils least.
     */
    String table() {
        var out = new StringBuilder(format("%-15s %-9s %2s %4s %7s %7s %7s %7s %6s %-13s %5s %6s %7s %7s %7s %6s%n",
                "method", "tool", "n", "cold", "cat s", "copy s", "floor s", "merge s", "ratio", "[min-max]", "best",
                "GB/s", "cpu s", "anon MB", "rss MB", "others"));
        groups().forEach((key, group) -> {
            Sample any = group.getFirst();
            out.append(format("%-15s %-9s %2d %4d %7.2f %7.2f %7.2f", any.method(), any.tool(), group.size(),
                    group.stream().filter(Sample::cold).count(), median(group, s -> s.cat().wall()),
                    median(group, s -> s.copy().wall()), median(group, Sample::floor)));
            if (any.merge() != null) {
                var ratios = group.stream().mapToDouble(Sample::ratio).summaryStatistics();
                out.append(format(" %7.2f %6.2f %-13s %5.2f %6.2f %7.2f %7.0f %7.0f %5.0f%%",
                        median(group, s -> s.merge().wall()), median(group, Sample::ratio),
                        format("[%.2f-%.2f]", ratios.getMin(), ratios.getMax()), best(group),
                        median(group, s -> (s.read() + s.written()) / s.merge().wall() / 1e9),
                        median(group, s -> s.merge().cpu()), median(group, s -> s.merge().peakAnonymous() / 1e6),
                        median(group, s -> s.merge().peakRss() / 1e6),
                        median(group, s -> 100 * s.merge().otherCpu() / s.merge().wall()
                                / Runtime.getRuntime().availableProcessors())));
            }
            out.append('\n');
        });
        return out.toString();
    }

    /** Everything, with the medians first; {@code head} goes before both. */
    String json(Map<String, Object> head) {
        var map = new LinkedHashMap<>(head);
        map.put("medians", groups().values().stream().map(Report::medians).toList());
        map.put("samples", samples.stream().map(Sample::json).toList());
        return write(map, "") + "\n";
    }

    private Map<String, List<Sample>> groups() {
        return samples.stream().collect(Collectors.groupingBy(s -> s.method() + " " + s.tool(), LinkedHashMap::new,
                Collectors.toList()));
    }

    private static Map<String, Object> medians(List<Sample> group) {
        var map = new LinkedHashMap<String, Object>();
        map.put("method", group.getFirst().method());
        map.put("tool", group.getFirst().tool());
        map.put("rounds", group.size());
        map.put("floorSeconds", median(group, Sample::floor));
        if (group.getFirst().merge() != null) {
            map.put("wallSeconds", median(group, s -> s.merge().wall()));
            map.put("ratio", median(group, Sample::ratio));
            map.put("bestRatio", best(group));
            map.put("cpuSeconds", median(group, s -> s.merge().cpu()));
            map.put("peakAnonymousBytes", (long) median(group, s -> s.merge().peakAnonymous()));
        }
        return map;
    }

    private static double best(List<Sample> group) {
        return group.stream().mapToDouble(s -> s.merge().wall()).min().orElseThrow()
                / group.stream().mapToDouble(Sample::floor).min().orElseThrow();
    }

    private static double median(List<Sample> group, ToDoubleFunction<Sample> figure) {
        double[] sorted = group.stream().mapToDouble(figure).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    static String write(Object value, String indent) {
        return switch (value) {
            case Map<?, ?> map -> map.entrySet().stream()
                    .map(e -> indent + "  \"" + e.getKey() + "\": " + write(e.getValue(), indent + "  "))
                    .collect(Collectors.joining(",\n", "{\n", "\n" + indent + "}"));
            case List<?> list -> list.stream().map(e -> indent + "  " + write(e, indent + "  "))
                    .collect(Collectors.joining(",\n", "[\n", "\n" + indent + "]"));
            case Double d -> String.format(Locale.ROOT, "%.4f", d);
            case Number n -> n.toString();
            default -> '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ")
                    + '"';
        };
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
