// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.error.DeviceException;
import dev.ingot.error.UsageException;
import dev.ingot.ffi.NativeLibrary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The backends of this machine, best first, and the choice among them. Immutable. */
public final class Backends {
    /** Name that stands for the best available backend. */
    public static final String AUTO = "auto";

    /** Environment variable that forces an instruction set of the CPU kernels by name. */
    public static final String ISA_VARIABLE = "INGOT_ISA";

    /**
     * A backend as it was found.
     *
     * @param name    its name on the command line
     * @param backend the backend, if it can be used
     * @param detail  one line: what it runs on, or why it cannot be used
     */
    public record Availability(String name, Optional<Backend> backend, String detail) {}

    /**
     * The backend to use.
     *
     * @param backend the backend
     * @param notice  one line for the user where {@link #AUTO} had to do without the fast backend: the reason
     */
    public record Choice(Backend backend, Optional<String> notice) {}

    /**
     * An instruction set of the native library.
     *
     * @param name      its name for {@value #ISA_VARIABLE}
     * @param available whether this machine runs it
     * @param chosen    whether the CPU backend uses it
     */
    public record InstructionSet(String name, boolean available, boolean chosen) {}

    private final NativeLibrary library;
    private final List<Availability> all;
    private final boolean isaForced;

    private Backends(NativeLibrary library, List<Availability> all, boolean isaForced) {
        this.library = library;
        this.all = all;
        this.isaForced = isaForced;
    }

    /** Looks for backends; the environment's {@value #ISA_VARIABLE}, where set, forces an instruction set. */
    public static Backends detect(Map<String, String> environment) {
        return detect(Optional.ofNullable(environment.get(ISA_VARIABLE)).filter(Predicate.not(String::isBlank)));
    }

    /**
     * Looks for backends. Never fails: what cannot be used is listed with its reason.
     *
     * @param isa name of the instruction set to force, or empty for the best available one
     */
    public static Backends detect(Optional<String> isa) {
        return of(NativeLibrary.open(), isa);
    }

    static Backends of(NativeLibrary library, Optional<String> isa) {
        Backend reference = new ReferenceBackend();
        return new Backends(
                library,
                List.of(
                        cpu(library, isa),
                        new Availability(reference.name(), Optional.of(reference), reference.description())),
                isa.isPresent());
    }

    private static Availability cpu(NativeLibrary library, Optional<String> isa) {
        return switch (library) {
            case NativeLibrary.Unavailable(String reason) ->
                new Availability(CpuBackend.NAME, Optional.empty(), reason);
            case NativeLibrary.Loaded loaded -> cpu(CpuIsa.all(), isa);
        };
    }

    /** @param isas all instruction sets, worst first; the worst one runs anywhere */
    private static Availability cpu(List<CpuIsa> isas, Optional<String> wanted) {
        List<CpuIsa> available = isas.stream().filter(CpuIsa::available).toList();
        Optional<CpuIsa> chosen = wanted.isEmpty()
                ? Optional.of(available.getLast())
                : available.stream().filter(isa -> isa.name().equals(wanted.get())).findFirst();
        return chosen.<Backend>map(CpuBackend::new)
                .map(cpu -> new Availability(CpuBackend.NAME, Optional.of(cpu), cpu.description()))
                .orElseGet(() ->
                        new Availability(CpuBackend.NAME, Optional.empty(), notAvailable(wanted.get(), available)));
    }

    private static String notAvailable(String name, List<CpuIsa> available) {
        return "instruction set " + name + " is not available here; available: "
                + available.stream().map(CpuIsa::name).collect(Collectors.joining(", "));
    }

    /** All backends, usable or not, best first. */
    public List<Availability> all() {
        return all;
    }

    /** The native library, or why there is none. */
    public NativeLibrary library() {
        return library;
    }

    /** The native library's instruction sets, slowest first; empty if it is not loaded. */
    public List<InstructionSet> instructionSets() {
        if (library instanceof NativeLibrary.Unavailable) {
            return List.of();
        }
        String chosen = all.getFirst().detail();
        return CpuIsa.all().stream()
                .map(isa -> new InstructionSet(
                        isa.name(), isa.available(), new CpuBackend(isa).description().equals(chosen)))
                .toList();
    }

    /**
     * The backend with this name, or for {@link #AUTO} the best available one. A forced instruction set is never replaced
     * by a slower backend in silence.
     *
     * @throws DeviceException if it, or a forced instruction set, is not available
     * @throws UsageException  if there is no backend of this name
     */
    public Choice choose(String name) {
        if (!name.equals(AUTO)) {
            return new Choice(usable(byName(name)), Optional.empty());
        }
        Availability best = all.getFirst();
        if (best.backend().isPresent() || isaForced) {
            return new Choice(usable(best), Optional.empty());
        }
        Availability fallback = all.stream().filter(found -> found.backend().isPresent()).findFirst().orElseThrow();
        String notice = "the " + best.name() + " backend is off, " + fallback.name() + " runs instead, much slower: "
                + best.detail();
        return new Choice(fallback.backend().get(), Optional.of(notice));
    }

    private Availability byName(String name) {
        return all.stream().filter(found -> found.name().equals(name)).findFirst().orElseThrow(() -> new UsageException(
                "there is no backend " + name,
                "use one of " + AUTO + all.stream().map(found -> ", " + found.name()).collect(Collectors.joining())));
    }

    private Backend usable(Availability found) {
        return found.backend().orElseThrow(() -> new DeviceException(
                "backend " + found.name() + ": " + found.detail(),
                isaForced
                        ? "do not force an instruction set (" + ISA_VARIABLE + "): then the best one there is runs"
                        : "use backend " + ReferenceBackend.NAME + ", which runs anywhere but slower"));
    }
}
