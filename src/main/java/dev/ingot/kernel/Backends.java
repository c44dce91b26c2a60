// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.error.DeviceException;
import dev.ingot.error.UsageException;
import dev.ingot.ffi.NativeLibrary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The backends of this machine, best first, and the choice among them. Thread-safe. */
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
    private final Availability cpu;
    private final Availability reference;
    private final boolean isaForced;
    private final boolean hostOnly;
    private final Supplier<CudaDetection> detection;
    private CudaDetection cuda;

    private Backends(
            NativeLibrary library, Optional<String> isa, boolean hostOnly, Supplier<CudaDetection> detection) {
        Backend plain = new ReferenceBackend();
        this.library = library;
        this.cpu = cpu(library, isa);
        this.reference = new Availability(plain.name(), Optional.of(plain), plain.description());
        this.isaForced = isa.isPresent();
        this.hostOnly = hostOnly;
        this.detection = detection;
    }

    /**
     * Looks for backends. Never fails: what cannot be used is listed with its reason. GPUs are looked for when they are first
     * asked for, which takes some tenths of a second.
     *
     * @param environment {@value #ISA_VARIABLE}, where set, forces an instruction set; {@value
     *                    CudaDetection#DEVICES_VARIABLE} chooses GPUs, {@value MatrixUse#VARIABLE} which matrices they get
     */
    public static Backends detect(Map<String, String> environment) {
        Optional<String> isa = Optional.ofNullable(environment.get(ISA_VARIABLE)).filter(Predicate.not(String::isBlank));
        String devices = environment.getOrDefault(CudaDetection.DEVICES_VARIABLE, "").strip();
        String matrices = environment.getOrDefault(MatrixUse.VARIABLE, "").strip();
        return new Backends(
                NativeLibrary.open(), isa, devices.equals(CudaDetection.NONE), () -> CudaDetection.of(devices, matrices));
    }

    static Backends of(NativeLibrary library, Optional<String> isa, Supplier<CudaDetection> detection) {
        return new Backends(library, isa, false, detection);
    }

    /** What there is of CUDA. */
    public synchronized CudaDetection cuda() {
        if (cuda == null) {
            cuda = detection.get();
        }
        return cuda;
    }

    /** The best backend that needs no device. */
    public Backend host() {
        return cpu.backend().or(reference::backend).orElseThrow();
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
        return List.of(cuda().availability(host()), cpu, reference);
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
        String chosen = cpu.detail();
        return CpuIsa.all().stream()
                .map(isa -> new InstructionSet(
                        isa.name(), isa.available(), new CpuBackend(isa).description().equals(chosen)))
                .toList();
    }

    /**
     * The backend with this name, or for {@link #AUTO} the best available one, which is replaced by the best one that needs no
     * device should its device fail. A forced instruction set means the CPU, and is never replaced in silence.
     *
     * @throws DeviceException if it, or a forced instruction set, is not available
     * @throws UsageException  if there is no backend of this name
     */
    public Choice choose(String name) {
        return switch (name) {
            case AUTO -> automatic();
            case CudaBackend.NAME -> new Choice(usable(cuda().availability(host())), Optional.empty());
            case CpuBackend.NAME -> new Choice(usable(cpu), Optional.empty());
            case ReferenceBackend.NAME -> new Choice(usable(reference), Optional.empty());
            default -> throw new UsageException(
                    "there is no backend " + name,
                    "use one of " + String.join(", ", AUTO, CudaBackend.NAME, CpuBackend.NAME, ReferenceBackend.NAME));
        };
    }

    private Choice automatic() {
        if (isaForced) {
            return new Choice(usable(cpu), Optional.empty());
        }
        // Not even asking the driver saves its start.
        Optional<Backend> gpu =
                hostOnly ? Optional.empty() : cuda().availability(host()).backend();
        if (gpu.isPresent()) {
            return new Choice(new FallbackBackend(gpu.get(), host()), Optional.empty());
        }
        Optional<String> notice = cpu.backend().isPresent()
                ? Optional.empty()
                : Optional.of("the " + cpu.name() + " backend is off, " + reference.name()
                        + " runs instead, much slower: " + cpu.detail());
        return new Choice(host(), notice);
    }

    private Backend usable(Availability found) {
        return found.backend().orElseThrow(() -> new DeviceException(
                "backend " + found.name() + ": " + found.detail(), otherwise(found)));
    }

    private String otherwise(Availability found) {
        if (found.name().equals(CudaBackend.NAME)) {
            return "use backend " + AUTO + " or " + CpuBackend.NAME + ", which give the same result";
        }
        return isaForced
                ? "do not force an instruction set (" + ISA_VARIABLE + "): then the best one there is runs"
                : "use backend " + ReferenceBackend.NAME + ", which runs anywhere but slower";
    }
}
