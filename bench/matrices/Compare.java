// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Times merges by Ingot and by a plain torch script, files to files, one after the other in every round, and checks
 * that they agree. What the figures mean is in {@code bench/README.md}; {@code run.sh} compiles and starts this.
 */
public final class Compare {

    private static final Map<String, String> DEFAULTS = new TreeMap<>(Map.ofEntries(
            Map.entry("--data", ""), Map.entry("--methods", "tsv_m,iso_c,wudi,optmerge_adam,optmerge_sgd"),
            Map.entry("--shapes", "2048x8192,4096x4096,1024x16384,16384x1024,512x32768"),
            Map.entry("--experts", "4"), Map.entry("--matrices", "2"), Map.entry("--rounds", "3"),
            Map.entry("--steps", "10"), Map.entry("--threads", "2"), Map.entry("--dtype", "f32"),
            Map.entry("--seed", "1"), Map.entry("--tolerance", "1e-5"), Map.entry("--only", "rival,ingot"),
            Map.entry("--ingot", ""), Map.entry("--args", ""), Map.entry("--rival-args", ""), Map.entry("--out", ""),
            Map.entry("--json", "")));
    private static final Pattern RIVAL = Pattern.compile("(?m)^# rival: (.*)$");

    private final Map<String, String> options;
    private final Path root;
    private final Path here;
    private final Path data;
    private final Path out;
    private final Path log;
    private final String python;
    private final int experts;
    private final List<String> only;
    private final Ratios ratios = new Ratios();
    private final Map<String, Object> head = new LinkedHashMap<>();
    private boolean failed;

    private Compare(Map<String, String> options) throws IOException {
        this.options = options;
        root = Path.of(System.getProperty("bench.root", ".")).toRealPath();
        here = root.resolve("bench/matrices");
        if (options.get("--data").isEmpty()) {
            throw new IllegalArgumentException("--data is needed: a folder for checkpoints");
        }
        data = Files.createDirectories(Path.of(options.get("--data")).toAbsolutePath().normalize());
        out = Path.of(options.get("--out").isEmpty() ? data.toString() : options.get("--out")).toAbsolutePath()
                .resolve(".ingot-bench");
        log = Files.createTempFile("bench", ".log");
        python = System.getProperty("bench.python", "python3");
        experts = Integer.parseInt(options.get("--experts"));
        only = list("--only");
        if (!List.of("rival", "ingot").containsAll(only)) {
            throw new IllegalArgumentException("--only takes rival or ingot");
        }
        for (String method : list("--methods")) {
            template(method);
        }
        if (only.contains("rival") && Machine.output(root, python, "-c", "import torch, safetensors; print(1)")
                .equals("unknown")) {
            throw new IllegalArgumentException(python + " has no torch with safetensors: set PYTHON to one that has");
        }
    }

    /** Options as in the table of {@code bench/README.md}. Ends with 1 if a merge fails or two disagree, 2 if an option is wrong. */
    public static void main(String[] args) throws Exception {
        try {
            var options = new TreeMap<>(DEFAULTS);
            for (int i = 0; i < args.length; i += 2) {
                if (!DEFAULTS.containsKey(args[i]) || i + 1 == args.length) {
                    throw new IllegalArgumentException("no option " + args[i] + " or no value for it; there are "
                            + String.join(" ", DEFAULTS.keySet()));
                }
                options.put(args[i], args[i + 1]);
            }
            var compare = new Compare(options);
            compare.measure();
            System.exit(compare.failed ? 1 : 0);
        } catch (IllegalArgumentException e) {
            System.err.println("error: " + e.getMessage());
            System.exit(2);
        }
    }

    private void measure() throws IOException, InterruptedException {
        head.put("benchmark", "matrices");
        head.put("date", LocalDateTime.now().toString());
        head.put("commit", Machine.output(root, "git", "describe", "--always", "--dirty", "--abbrev=12"));
        head.putAll(Machine.describe(data));
        head.put("torch", Machine.output(root, python, "-c", "import torch; print(torch.__version__)"));
        head.put("loadBefore", Machine.load());
        head.put("options", options);
        for (String shape : list("--shapes")) {
            generate(shape);
        }
        for (int round = 1; round <= number("--rounds"); round++) {
            for (String shape : list("--shapes")) {
                for (String method : list("--methods")) {
                    try {
                        sample(round, shape, method);
                    } catch (IOException e) {
                        // A merge that fails is no result; hours of other results are worth keeping.
                        failed = true;
                        System.err.println("error: round " + round + " " + shape + " " + method + ": "
                                + e.getMessage());
                    }
                }
            }
        }
        head.put("loadAfter", Machine.load());
        System.out.print(ratios.table());
        if (!options.get("--json").isEmpty()) {
            Files.writeString(Path.of(options.get("--json")), ratios.json(head));
        }
    }

    private void sample(int round, String shape, String method) throws IOException, InterruptedException {
        Ratios.Sample sample = round(round, shape, method);
        ratios.add(sample);
        System.out.println(sample.line());
        if (sample.nmse() != null && !(sample.nmse() <= Double.parseDouble(options.get("--tolerance")))) {
            failed = true;
            System.err.println("error: " + shape + " " + method + ": the two results differ by more than --tolerance "
                    + options.get("--tolerance"));
        }
    }

    private void generate(String shape) throws IOException {
        String[] sides = shape.split("x");
        if (sides.length != 2) {
            throw new IllegalArgumentException("a shape is ROWSxCOLUMNS, not " + shape);
        }
        var family = new Generate(Integer.parseInt(sides[0]), Integer.parseInt(sides[1]), number("--matrices"),
                Type.valueOf(options.get("--dtype").toUpperCase(Locale.ROOT)), Long.parseLong(options.get("--seed")));
        for (String model : Generate.models(experts)) {
            family.model(data.resolve(shape).resolve(model), model);
        }
    }

    /** The rival's merge, then Ingot's, then their difference. */
    private Ratios.Sample round(int round, String shape, String method) throws IOException, InterruptedException {
        Path family = data.resolve(shape);
        String template = template(method).replace("@STEPS@", options.get("--steps"));
        Timed rival = null;
        Timed ingot = null;
        Double computing = null;
        Double own = null;
        Double nmse = null;
        clear();
        if (only.contains("rival")) {
            var matcher = RIVAL.matcher(template);
            matcher.find();
            var command = new ArrayList<>(List.of(python, here.resolve("rivals.py").toString()));
            command.addAll(words(matcher.group(1)));
            command.addAll(List.of("--data", family.toString(), "--out", out.resolve("rival").toString(),
                    "--experts", "" + experts, "--threads", options.get("--threads")));
            command.addAll(words(options.get("--rival-args")));
            rival = timed(family, command);
            computing = reported("computing");
        }
        if (only.contains("ingot")) {
            Path config = out.resolve(method + ".yml");
            Files.writeString(config, template.replace("@MODELS@", Generate.models(experts).stream().skip(1)
                    .map(model -> "  - model: " + model).collect(Collectors.joining("\n"))));
            var command = new ArrayList<>(words(options.get("--ingot").isEmpty() ? root.resolve("ingot").toString()
                    : options.get("--ingot")));
            command.addAll(List.of("merge", config.toString(), out.resolve("ingot").toString(), "--json", "--threads",
                    options.get("--threads")));
            command.addAll(words(options.get("--args")));
            ingot = timed(family, command);
            own = reported("seconds");
        }
        if (rival != null && ingot != null) {
            Timed.run(family, log, List.of(python, here.resolve("agree.py").toString(), "base",
                    out.resolve("rival").toString(), out.resolve("ingot").toString()));
            nmse = reported("nmse");
        }
        clear();
        return new Ratios.Sample(round, shape, method, rival, computing, ingot, own, nmse);
    }

    /** A command in the family's folder, whose files are read before, so that they are in the page cache. */
    private Timed timed(Path family, List<String> command) throws IOException, InterruptedException {
        Timed.run(family, log, List.of("bash", "-c", "cat */model.safetensors > /dev/null; sync"));
        return Timed.run(family, log, command);
    }

    /** The last figure of that name in the log of the command before. */
    private Double reported(String name) throws IOException {
        return Pattern.compile("\"" + name + "\":\\s*([-+.0-9a-zA-Z]+)").matcher(Files.readString(log)).results()
                .map(match -> Double.valueOf(match.group(1).replace("nan", "NaN").replace("inf", "Infinity")))
                .reduce((a, b) -> b).orElse(null);
    }

    private void clear() throws IOException {
        if (Files.exists(out)) {
            try (Stream<Path> all = Files.walk(out)) {
                for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(path);
                }
            }
        }
        Files.createDirectories(out);
    }

    private String template(String method) throws IOException {
        Path file = here.resolve("configs").resolve(method + ".yml");
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no merge file " + file);
        }
        return Files.readString(file);
    }

    private List<String> list(String option) {
        return List.of(options.get(option).split(","));
    }

    private int number(String option) {
        return Integer.parseInt(options.get(option));
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
    }
}
