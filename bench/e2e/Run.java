// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Times whole merges, files to files with fsync, each beside the floor of the same bytes in the same minute. What the
 * figures mean is in {@code bench/README.md}.
 *
 * <pre>bench/e2e/run.sh --data DIR [--ingot CMD] [--args "..."] [--methods linear,ties,...] [--rounds 3]
 *     [--mergekit ROUNDS] [--floor-only] [--configs DIR] [--out DIR] [--json FILE]</pre>
 */
public final class Run {

    private static final List<String> OPTIONS = List.of("--data", "--ingot", "--args", "--methods", "--rounds",
            "--mergekit", "--floor-only", "--configs", "--out", "--json");
    private static final String METHODS = "linear,task_arithmetic,slerp,ties,dare_linear,dare_ties,breadcrumbs,della,sce,"
            + "model_stock,karcher,multislerp,nuslerp,nearswap,arcee_fusion,ram,passthrough";
    /** The names that a merge file gives after {@code model:} and {@code base_model:}. */
    private static final Pattern MODEL = Pattern.compile("(?m)^[ -]*(?:base_)?model:\\s*([^\\s#]+)");
    private static final long SETTLED_KB = 64 * 1024;
    private static final long SETTLE_NANOS = 30_000_000_000L;

    /** A tool that merges: the command to which the config file and the output folder are appended. */
    private record Tool(String name, List<String> command, List<String> arguments, int rounds) { }

    private final Path root;
    private final Path data;
    private final Path configs;
    private final Path out;
    private final Path log;
    private final List<String> methods;
    private final int rounds;
    private final List<Tool> tools = new ArrayList<>();
    private final Report report = new Report();
    private final Map<String, Object> head = new LinkedHashMap<>();
    private boolean failed;

    private Run(Map<String, String> options) throws IOException {
        root = Path.of(System.getProperty("bench.root", ".")).toRealPath();
        if (!options.containsKey("--data")) {
            throw new IllegalArgumentException("--data is needed: a folder that Generate.java has filled");
        }
        data = Path.of(options.get("--data")).toAbsolutePath().normalize();
        configs = Path.of(options.getOrDefault("--configs", root.resolve("bench/e2e/configs").toString())).toRealPath();
        // A folder of its own, as it is emptied again and again; on the file system of the data unless told otherwise.
        out = Path.of(options.getOrDefault("--out", data.toString())).toAbsolutePath().resolve(".ingot-bench");
        log = Files.createTempFile("bench", ".log");
        methods = List.of(options.getOrDefault("--methods", METHODS).split(","));
        rounds = Integer.parseInt(options.getOrDefault("--rounds", "3"));
        if (!options.containsKey("--floor-only")) {
            var ingot = words(options.getOrDefault("--ingot", root.resolve("ingot").toString()));
            if (ingot.getFirst().contains("/")) {
                ingot.set(0, Path.of(ingot.getFirst()).toAbsolutePath().toString());
            }
            ingot.add("merge");
            tools.add(new Tool("ingot", ingot, words(options.getOrDefault("--args", "")), rounds));
        }
        int mergekit = Integer.parseInt(options.getOrDefault("--mergekit", "0"));
        if (mergekit > 0) {
            if (Machine.output(data, "mergekit-yaml", "--help").equals("unknown")) {
                throw new IllegalArgumentException("--mergekit: there is no mergekit-yaml on the PATH that runs");
            }
            tools.add(new Tool("mergekit", List.of("mergekit-yaml"), List.of(), mergekit));
        }
    }

    public static void main(String[] args) throws Exception {
        try {
            var options = new TreeMap<String, String>();
            for (int i = 0; i < args.length; i++) {
                boolean flag = args[i].equals("--floor-only");
                if (!flag && (!OPTIONS.contains(args[i]) || i + 1 == args.length)) {
                    throw new IllegalArgumentException("no option " + args[i] + " or no value for it; there are "
                            + String.join(" ", OPTIONS));
                }
                options.put(args[i], flag ? "" : args[++i]);
            }
            var run = new Run(options);
            run.measure();
            run.print(options.get("--json"));
            System.exit(run.failed ? 1 : 0);
        } catch (IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(2);
        }
    }

    private void measure() throws IOException, InterruptedException {
        for (String method : methods) {
            weights(method);
        }
        head.put("benchmark", "e2e");
        head.put("date", LocalDateTime.now().toString());
        head.put("data", data.getFileName().toString());
        head.put("commit", Machine.output(root, "git", "describe", "--always", "--dirty", "--abbrev=12"));
        head.put("machine", Machine.describe(data));
        Files.createDirectories(out);
        head.put("outputFileSystem", Machine.fileSystem(out).get("fileSystem"));
        head.put("loadBefore", Machine.load());
        for (Tool tool : tools) {
            if (tool.name().equals("ingot")) {
                var version = new ArrayList<>(tool.command().subList(0, tool.command().size() - 1));
                version.add("--version");
                head.put("ingot", Machine.output(data, version.toArray(String[]::new)));
                head.put("ingotArguments", String.join(" ", tool.arguments()));
            }
        }
        if (Files.exists(out)) {
            delete(out);
        }
        // The first write of so many bytes is slower on virtual machines, whose host must find the memory for them.
        floor(weights(methods.getFirst()), weightsOf("base"));
        for (int round = 1; round <= rounds; round++) {
            // Each round goes the other way, so that no method always has the same neighbour.
            for (String method : round % 2 == 1 ? methods : methods.reversed()) {
                sample(round, method);
            }
        }
        delete(out);
        head.put("loadAfter", Machine.load());
    }

    /** The floor, then every tool, for one method; where a round goes backwards, the tools come first. */
    private void sample(int round, String method) throws IOException, InterruptedException {
        List<Path> inputs = weights(method);
        List<Path> copied = weightsOf("base");
        Timed[] floor = round % 2 == 1 ? floor(inputs, copied) : null;
        var merges = new LinkedHashMap<String, Timed>();
        for (Tool tool : tools) {
            if (round <= tool.rounds()) {
                try {
                    merges.put(tool.name(), merge(tool, method, size(copied)));
                } catch (IOException e) {
                    failed = true;
                    System.err.println("round " + round + " " + method + ": " + tool.name() + " FAILED: "
                            + e.getMessage());
                }
            }
        }
        if (floor == null) {
            floor = floor(inputs, copied);
        }
        if (tools.isEmpty()) {
            merges.put("none", null);
        }
        for (var merge : merges.entrySet()) {
            var sample = new Report.Sample(round, method, merge.getKey(), floor[0], floor[1], merge.getValue(),
                    size(inputs), size(copied));
            report.add(sample);
            System.err.println(sample.line());
        }
    }

    /** Reading the inputs once, and writing the output's bytes once with fsync, one after the other on one core. */
    private Timed[] floor(List<Path> inputs, List<Path> copied) throws IOException, InterruptedException {
        settle(inputs);
        Timed cat = read(inputs);
        settle(copied);
        Timed copy = Timed.run(data, log, command("cp --reflink=never --sparse=never \"$@\" '" + out
                + "' && sync '" + out + "'/*", copied));
        return new Timed[] {cat, copy};
    }

    /** A merge and an fsync of the weights that it left, which takes no time where the tool has done so itself. */
    private Timed merge(Tool tool, String method, long expected) throws IOException, InterruptedException {
        settle(weights(method));
        Path result = out.resolve(method);
        var command = new ArrayList<>(List.of("bash", "-c",
                "out=$1; shift; \"$@\" && sync \"$out\"/*.safetensors", "merge", result.toString()));
        command.addAll(tool.command());
        command.add(configs.resolve(method + ".yml").toString());
        command.add(result.toString());
        command.addAll(tool.arguments());
        Timed merge = Timed.run(data, log, command);
        long size = size(weightsOf(result));
        if (Math.abs(size - expected) > expected / 100) {
            throw new IOException("the output has " + size + " bytes of weights, not about " + expected);
        }
        return merge;
    }

    /**
     * Makes the start of every measurement the same: deletes what the last one wrote, waits until its dirty pages and
     * freed blocks are dealt with, and reads the inputs, so that they are in the page cache. The reading cannot be done
     * once for all: other programs, and on some hosts the kernel by itself (DAMON), push idle pages out in seconds.
     */
    private void settle(List<Path> inputs) throws IOException, InterruptedException {
        if (Files.exists(out)) {
            delete(out);
        }
        Files.createDirectories(out);
        Timed.run(data, log, List.of("sync"));
        long end = System.nanoTime() + SETTLE_NANOS;
        while (Machine.meminfo("Dirty:") + Machine.meminfo("Writeback:") > SETTLED_KB && System.nanoTime() < end) {
            Thread.sleep(100);
        }
        read(inputs);
    }

    private Timed read(List<Path> files) throws IOException, InterruptedException {
        return Timed.run(data, log, command("cat \"$@\" > /dev/null", files));
    }

    private void print(String json) throws IOException {
        System.out.print(report.table());
        String name = "e2e-" + Machine.cpu().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + "-"
                + LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmm")) + ".json";
        Path file = json == null ? root.resolve("bench/results").resolve(name) : Path.of(json).toAbsolutePath();
        Files.createDirectories(file.getParent());
        Files.writeString(file, report.json(head));
        System.out.println(file);
    }

    /** The weight files that the merge of a config file reads. */
    private List<Path> weights(String method) throws IOException {
        if (!Files.isRegularFile(configs.resolve(method + ".yml"))) {
            throw new IllegalArgumentException("no merge file " + configs.resolve(method + ".yml"));
        }
        Set<String> models = new LinkedHashSet<>();
        MODEL.matcher(Files.readString(configs.resolve(method + ".yml"))).results()
                .forEach(match -> models.add(match.group(1)));
        var files = new ArrayList<Path>();
        for (String model : models) {
            files.addAll(weightsOf(model));
        }
        return files;
    }

    private List<Path> weightsOf(String model) throws IOException {
        return weightsOf(data.resolve(model));
    }

    private static List<Path> weightsOf(Path model) throws IOException {
        if (!Files.isDirectory(model)) {
            throw new IllegalArgumentException("no model folder " + model);
        }
        try (var files = Files.list(model)) {
            return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
        }
    }

    private static List<String> command(String script, List<Path> files) {
        var command = new ArrayList<>(List.of("bash", "-c", script, "floor"));
        files.forEach(file -> command.add(file.toString()));
        return command;
    }

    private static List<String> words(String text) {
        return new ArrayList<>(Pattern.compile("\\s+").splitAsStream(text).filter(word -> !word.isEmpty()).toList());
    }

    private static long size(List<Path> files) throws IOException {
        long size = 0;
        for (Path file : files) {
            size += Files.size(file);
        }
        return size;
    }

    private static void delete(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
