// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.error.UsageException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Options of {@code mergekit-yaml} that have nothing to switch here. They are accepted, so that its command lines work
 * unchanged, and refused or warned about where silence would let users believe something untrue. Names and arity are
 * those of mergekit's documentation.
 */
final class MergekitOptions {
    private static final String SAFE_SERIALIZATION = "--safe-serialization";
    private static final String DEVICE = "--device";

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

    /**
     * An option.
     *
     * @param name  its name
     * @param kind  what it takes
     * @param label what help calls its value
     * @param why   why it has no effect
     */
    private record Inert(String name, Kind kind, String label, String why) {}

    private static final List<Inert> ALL = List.of(
            flag("--allow-crimes", "tensors are matched by name and shape, whatever the architecture"),
            new Inert("--transformers-cache", Kind.TEXT, "PATH", "models are read from local directories"),
            new Inert("--lora-merge-cache", Kind.TEXT, "PATH", "nothing is cached"),
            new Inert("--lora-merge-dtype", Kind.TEXT, "NAME", "adapters are not merged into models first"),
            flag("--cuda", "a GPU is taken where there is one; see --backend"),
            new Inert(DEVICE, Kind.TEXT, "NAME", "a GPU is taken where there is one; see --backend"),
            flag("--low-cpu-memory", "memory is bounded by --memory"),
            flag("--clone-tensors", "outputs never share storage with inputs"),
            flag("--trust-remote-code", "no code of models is run"),
            flag("--lazy-unpickle", "tensors are read when they are needed"),
            flag(SAFE_SERIALIZATION, "safetensors is what is written"),
            flag("--read-to-gpu", "tensors pass through a GPU in tiles"),
            flag("--multi-gpu", "all GPUs are taken; see INGOT_CUDA_DEVICES"),
            new Inert("--gpu-rich", Kind.FLAG, "", "a GPU is taken where there is one; see --backend"),
            flag("--async-write", "reading, computing and writing overlap always"),
            new Inert("--write-threads", Kind.NUMBER, "N", "all worker threads write"));

    private MergekitOptions() {}

    private static Inert flag(String name, String why) {
        return new Inert(name, Kind.SWITCH, "", why);
    }

    /** Adds the options to a command, under a heading of their own. */
    static void addTo(CommandSpec command) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .validate(false)
                .order(1)
                .heading("%nOptions of mergekit-yaml that are accepted and change nothing:%n");
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
     * Tells about the options that were given.
     *
     * @param verbose whether to name harmless ones too
     * @throws UsageException if one asks for what is not possible
     */
    static void check(ParseResult parsed, Context context, boolean verbose) {
        Optional<Boolean> safe = value(parsed, SAFE_SERIALIZATION);
        if (safe.isPresent() && !safe.get()) {
            throw new UsageException(
                    "--no-safe-serialization: models are written as safetensors only", "leave this option out");
        }
        List<Inert> given = ALL.stream().filter(option -> parsed.hasMatchedOption(option.name())).toList();
        given.stream().filter(option -> asksForGpu(option, parsed)).findFirst().ifPresent(option -> context.ingot()
                .backends()
                .stream()
                .filter(backend -> backend.name().equals("cuda") && !backend.available())
                .forEach(cuda -> context.warn(
                        option.name() + ": the merge runs on the CPU, as the cuda backend is off: " + cuda.detail())));
        if (verbose && !given.isEmpty()) {
            given.forEach(option ->
                    context.err().println("note: " + option.name() + " has no effect: " + option.why()));
        }
    }

    private static boolean asksForGpu(Inert option, ParseResult parsed) {
        return switch (option.name()) {
            case "--cuda", "--gpu-rich" -> MergekitOptions.<Boolean>value(parsed, option.name()).orElse(false);
            case DEVICE -> !List.of("cpu", "auto").contains(parsed.matchedOptionValue(DEVICE, "cpu"));
            default -> false;
        };
    }

    private static <T> Optional<T> value(ParseResult parsed, String option) {
        return Optional.ofNullable(parsed.matchedOptionValue(option, null));
    }
}
