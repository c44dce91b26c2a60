// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.error.UsageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Options of {@code mergekit-yaml} that have little or nothing to switch here. They are accepted, so that its command lines
 * work unchanged, and refused or warned about where silence would let users believe something untrue. Names and arity are
 * those of mergekit's documentation.
 */
final class MergekitOptions {
    private static final String SAFE_SERIALIZATION = "--safe-serialization";
    private static final String DEVICE = "--device";
    private static final String CUDA = "--cuda";
    private static final String GPU_RICH = "--gpu-rich";
    private static final String DEVICES_VARIABLE = "INGOT_CUDA_DEVICES";

    /** What an option takes. */
    private enum Kind {
        /** Nothing; there is a form with {@code --no-}. */
        SWITCH,
        /** Nothing. */
        FLAG,
        /** A text. */
        TEXT,
        /** A whole number. */
        NUMBER
    }

    /** What becomes of what an option asks for. */
    private enum Fate {
        /** It is so anyway, or told about in another way. */
        MET,
        /** It does not happen. */
        IGNORED
    }

    /**
     * An option.
     *
     * @param name  its name
     * @param kind  what it takes
     * @param label what help calls its value
     * @param fate  what becomes of it
     * @param why   why it has no effect
     */
    private record Inert(String name, Kind kind, String label, Fate fate, String why) {}

    private static final List<Inert> ALL = List.of(
            text("--transformers-cache", "PATH", "models are read from local directories"),
            text("--lora-merge-cache", "PATH", "nothing is cached"),
            text("--lora-merge-dtype", "NAME", "adapters are not merged into models first"),
            flag(CUDA, Fate.MET, "a GPU is taken where there is one; --no-cuda keeps to the CPU"),
            new Inert(DEVICE, Kind.TEXT, "NAME", Fate.MET, "cpu, cuda, cuda:N or auto; auto is the default"),
            flag("--low-cpu-memory", Fate.IGNORED, "memory is bounded by --memory"),
            flag("--clone-tensors", Fate.MET, "outputs never share storage with inputs"),
            flag("--trust-remote-code", Fate.IGNORED, "no code of models is run"),
            flag("--lazy-unpickle", Fate.IGNORED, "no pickles are read"),
            flag(SAFE_SERIALIZATION, Fate.MET, "safetensors is what is written"),
            flag("--read-to-gpu", Fate.IGNORED, "tensors pass through a GPU in tiles"),
            flag("--multi-gpu", Fate.IGNORED, "all GPUs are taken; see INGOT_CUDA_DEVICES"),
            new Inert(GPU_RICH, Kind.FLAG, "", Fate.MET, "a GPU is taken where there is one; see --backend"),
            flag("--async-write", Fate.MET, "reading, computing and writing overlap always"),
            new Inert("--write-threads", Kind.NUMBER, "N", Fate.IGNORED, "all worker threads write"));

    private MergekitOptions() {}

    private static Inert flag(String name, Fate fate, String why) {
        return new Inert(name, Kind.SWITCH, "", fate, why);
    }

    private static Inert text(String name, String label, String why) {
        return new Inert(name, Kind.TEXT, label, Fate.IGNORED, why);
    }

    /** Adds the options to a command, under a heading of their own. */
    static void addTo(CommandSpec command) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .validate(false)
                .order(1)
                .heading("%nOther options of mergekit-yaml, most of which change nothing:%n");
        ALL.forEach(option -> group.addArg(spec(option)));
        command.addArgGroup(group.build());
    }

    private static OptionSpec spec(Inert option) {
        OptionSpec.Builder builder = OptionSpec.builder(option.name()).description(option.why());
        return switch (option.kind()) {
            case SWITCH -> builder.negatable(true).type(boolean.class).arity("0").build();
            case FLAG -> builder.type(boolean.class).arity("0").build();
            case TEXT -> builder.type(String.class).arity("1").paramLabel(option.label()).build();
            case NUMBER -> builder.type(int.class).arity("1").paramLabel(option.label()).build();
        };
    }

    /**
     * What the options change in the environment: which GPUs are used. A device wins over {@code --cuda}, as in mergekit.
     *
     * @throws UsageException if there is no such device
     */
    static Map<String, String> environment(ParseResult parsed) {
        Optional<String> device = value(parsed, DEVICE);
        if (device.isEmpty()) {
            boolean cpu = !MergekitOptions.<Boolean>value(parsed, CUDA).orElse(true);
            return cpu && !asks(parsed, GPU_RICH) ? Map.of(DEVICES_VARIABLE, "none") : Map.of();
        }
        return switch (device.get()) {
            case "cpu" -> Map.of(DEVICES_VARIABLE, "none");
            case "auto", "cuda", "xpu" -> Map.of();
            case String name when name.matches("cuda:\\d{1,3}") ->
                    Map.of(DEVICES_VARIABLE, name.substring(name.indexOf(':') + 1));
            default -> throw new UsageException(
                    "--device: there is no device '" + device.get() + "'", "give cpu, cuda, cuda:N or auto");
        };
    }

    /**
     * Tells about the options that were given.
     *
     * @param ingot   the engine that will merge
     * @param verbose whether to say of each why it has no effect, harmless ones included
     * @throws UsageException if one asks for what is not possible
     */
    static void check(ParseResult parsed, Context context, Ingot ingot, boolean verbose) {
        Optional<Boolean> safe = value(parsed, SAFE_SERIALIZATION);
        if (safe.isPresent() && !safe.get()) {
            throw new UsageException(
                    "--no-safe-serialization: models are written as safetensors only", "leave this option out");
        }
        List<Inert> given = ALL.stream().filter(option -> parsed.hasMatchedOption(option.name())).toList();
        given.stream().filter(option -> asksForGpu(option, parsed)).findFirst().ifPresent(option -> ingot.backends()
                .stream()
                .filter(backend -> backend.name().equals("cuda") && !backend.available())
                .forEach(cuda -> context.warn(
                        option.name() + ": the merge runs on the CPU, as the cuda backend is off: " + cuda.detail())));
        if (verbose) {
            given.stream().filter(option -> !List.of(CUDA, DEVICE, GPU_RICH).contains(option.name())).forEach(option ->
                    context.err().println("note: " + option.name() + " has no effect: " + option.why()));
            return;
        }
        String ignored = given.stream()
                .filter(option -> option.fate() == Fate.IGNORED && asks(parsed, option.name()))
                .map(Inert::name)
                .collect(Collectors.joining(", "));
        if (!ignored.isEmpty()) {
            context.warn("without effect here: " + ignored + " (-v says why)");
        }
    }

    /** Whether the option is there, and not in the form that switches off. */
    private static boolean asks(ParseResult parsed, String option) {
        return value(parsed, option).filter(value -> !value.equals(false)).isPresent();
    }

    private static boolean asksForGpu(Inert option, ParseResult parsed) {
        return switch (option.name()) {
            case CUDA, GPU_RICH -> asks(parsed, option.name()) && !parsed.hasMatchedOption(DEVICE);
            case DEVICE -> !List.of("cpu", "auto").contains(parsed.matchedOptionValue(DEVICE, "cpu"));
            default -> false;
        };
    }

    private static <T> Optional<T> value(ParseResult parsed, String option) {
        return Optional.ofNullable(parsed.matchedOptionValue(option, null));
    }
}
