// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.cuda.CudaPlatform;
import dev.ingot.ffi.CublasLibrary;
import dev.ingot.ffi.CusolverLibrary;
import dev.ingot.ffi.NativeAccess;
import dev.ingot.ffi.NativeLibrary;
import dev.ingot.ffi.OpenBlasLibrary;
import dev.ingot.ffi.Posix;
import dev.ingot.ffi.SharedLibrary;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.CudaDetection;
import dev.ingot.report.MachineMemory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What Ingot found on this machine, and why what it does not use is off.
 *
 * @param java            version and vendor of the running Java
 * @param javaHome        where it is installed
 * @param system          operating system and processor
 * @param processors      processors that this process may use
 * @param memory          the machine's memory
 * @param maxHeap         most memory in bytes that the Java heap may take
 * @param backends        the backends, best first
 * @param instructionSets the CPU kernels' instruction sets, slowest first; empty if the native library is not loaded
 * @param nativeLibrary   the loaded file or the reason why there is none
 * @param cudaDriver      the CUDA driver's library and version, or why there is none
 * @param cudaKernels     whether this build has kernels for GPUs
 * @param gpus            the GPUs that the driver shows
 * @param libraries       libraries of linear algebra
 * @param cacheFolders    where the bundled native library is copied to, first choice first
 * @param fileHints       how files are read ahead and written back
 */
public record Diagnosis(
        String java,
        Path javaHome,
        String system,
        int processors,
        Memory memory,
        long maxHeap,
        List<Backend> backends,
        List<InstructionSet> instructionSets,
        Part nativeLibrary,
        Part cudaDriver,
        Part cudaKernels,
        List<Gpu> gpus,
        List<Library> libraries,
        List<Path> cacheFolders,
        Part fileHints) {
    /** Copies the lists. */
    public Diagnosis {
        gpus = List.copyOf(gpus);
        libraries = List.copyOf(libraries);
        backends = List.copyOf(backends);
        instructionSets = List.copyOf(instructionSets);
        cacheFolders = List.copyOf(cacheFolders);
    }

    /**
     * Memory in bytes, zeros where the system does not tell.
     *
     * @param total     of the machine, or what a container may use of it
     * @param available what could be used without swapping
     */
    public record Memory(long total, long available) {}

    /**
     * A backend.
     *
     * @param name      its name for {@link MergeRequest#withBackend}
     * @param available whether it can be used
     * @param detail    one line: what it runs on, or why it cannot be used
     */
    public record Backend(String name, boolean available, String detail) {}

    /**
     * An instruction set of the CPU kernels.
     *
     * @param name      its name for the variable {@code INGOT_ISA}
     * @param available whether processor and operating system run it
     * @param chosen    whether it is the one used
     */
    public record InstructionSet(String name, boolean available, boolean chosen) {}

    /**
     * A GPU.
     *
     * @param index             its number for the variable {@code INGOT_CUDA_DEVICES}
     * @param name              the product
     * @param computeCapability for instance {@code 9.0}
     * @param memory            bytes of its memory
     * @param pciId             its place on the PCI bus
     * @param used              whether the CUDA backend computes on it
     */
    public record Gpu(int index, String name, String computeCapability, long memory, String pciId, boolean used) {}

    /**
     * Somebody else's library.
     *
     * @param name what it is called
     * @param part what was opened, or why it was not and what to do
     */
    public record Library(String name, Part part) {}

    /**
     * A part of Ingot that may be off.
     *
     * @param on     whether it is used
     * @param detail one line: what is used, or why it is off
     */
    public record Part(boolean on, String detail) {}

    static Diagnosis of(Backends backends) {
        MachineMemory memory = MachineMemory.now();
        return new Diagnosis(
                Runtime.version() + ", " + System.getProperty("java.vendor"),
                Path.of(System.getProperty("java.home")),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                Runtime.getRuntime().availableProcessors(),
                new Memory(memory.total(), memory.available()),
                Runtime.getRuntime().maxMemory(),
                list(backends),
                backends.instructionSets().stream()
                        .map(isa -> new InstructionSet(isa.name(), isa.available(), isa.chosen()))
                        .toList(),
                switch (backends.library()) {
                    case NativeLibrary.Loaded(Path path) -> new Part(true, path.toString());
                    case NativeLibrary.Unavailable(String reason) -> new Part(false, reason);
                },
                driver(backends.cuda()),
                backends.cuda().kernels()
                        ? new Part(true, "in this build")
                        : new Part(false, "this build has none: build Ingot where nvcc is on the PATH"),
                gpus(backends.cuda()),
                List.of(
                        library("OpenBLAS", OpenBlasLibrary.open(), OpenBlasLibrary.HINT),
                        library("cuBLAS", CublasLibrary.open(), CublasLibrary.HINT),
                        library("cuSOLVER", CusolverLibrary.open(), CusolverLibrary.HINT)),
                NativeLibrary.cacheFolders(),
                hints());
    }

    private static Library library(String name, SharedLibrary outcome, String hint) {
        return new Library(name, switch (outcome) {
            case SharedLibrary.Loaded loaded -> new Part(true, loaded.name());
            case SharedLibrary.Unavailable(String reason) -> new Part(false, reason + "; " + hint);
        });
    }

    private static Part driver(CudaDetection cuda) {
        return switch (cuda.platform()) {
            case CudaPlatform.Unavailable(String reason) -> new Part(false, reason);
            case CudaPlatform.Available found ->
                new Part(true, found.driver().library() + ", " + found.driver().cuda());
        };
    }

    private static List<Gpu> gpus(CudaDetection cuda) {
        return switch (cuda.platform()) {
            case CudaPlatform.Unavailable none -> List.of();
            case CudaPlatform.Available found -> found.gpus().stream()
                    .map(gpu -> new Gpu(
                            gpu.index(),
                            gpu.name(),
                            gpu.computeCapability(),
                            gpu.memory(),
                            gpu.pciId(),
                            cuda.chosen().contains(gpu)))
                    .toList();
        };
    }

    static List<Backend> list(Backends backends) {
        return backends.all().stream()
                .map(found -> new Backend(found.name(), found.backend().isPresent(), found.detail()))
                .toList();
    }

    private static Part hints() {
        if (Posix.find().isPresent()) {
            return new Part(true, "madvise, mincore, fallocate, sync_file_range, posix_fadvise");
        }
        Optional<String> refusal = NativeAccess.refusal();
        return new Part(false, refusal.orElse("they need 64-bit Linux on x86-64 or AArch64"));
    }
}
