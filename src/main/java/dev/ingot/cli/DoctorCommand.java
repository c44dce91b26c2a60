// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Diagnosis;
import dev.ingot.Ingot;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ingot doctor}. */
@Command(description = "Shows what Ingot found on this machine, and why what it does not use is off.")
final class DoctorCommand implements Runnable {
    private final Context context;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    DoctorCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        Diagnosis diagnosis = context.ingot().diagnose();
        if (json) {
            context.out().println(json(diagnosis));
        } else {
            table(diagnosis).lines().forEach(context.out()::println);
        }
    }

    private static Table table(Diagnosis found) {
        Table table = new Table()
                .row("Ingot", Ingot.version())
                .row("Java", found.java() + ", " + found.javaHome())
                .row("system", found.system() + ", " + found.processors() + " processors")
                .row("memory", Text.bytes(found.memory().total()) + ", " + Text.bytes(found.memory().available())
                        + " available, Java heap up to " + Text.bytes(found.maxHeap()));
        found.backends().forEach(backend ->
                table.row("backend", backend.name() + (backend.available() ? ": " : ": off, ") + backend.detail()));
        found.instructionSets().reversed().forEach(isa -> table.row("CPU", isa.name() + ": " + state(isa)));
        table.row("native library", part(found.nativeLibrary()));
        table.row("CUDA driver", part(found.cudaDriver()));
        table.row("CUDA kernels", part(found.cudaKernels()));
        found.gpus().forEach(gpu -> table.row("GPU " + gpu.index(), gpu.name() + ", compute capability "
                + gpu.computeCapability() + ", " + Text.bytes(gpu.memory()) + ", PCI " + gpu.pciId()
                + (gpu.used() ? "" : ", not used")));
        found.libraries().forEach(library -> table.row(library.name(), part(library.part())));
        found.cacheFolders().forEach(folder -> table.row("library cache", folder.toString()));
        return table.row("file hints", part(found.fileHints()));
    }

    private static String state(Diagnosis.InstructionSet isa) {
        if (isa.chosen()) {
            return "used";
        }
        return isa.available() ? "available, force it with --isa " + isa.name() : "not on this processor or system";
    }

    private static String part(Diagnosis.Part part) {
        return part.on() ? part.detail() : "off, " + part.detail();
    }

    private static String json(Diagnosis found) {
        return Json.text(Json.object(
                "schema", "ingot.doctor/1",
                "version", Ingot.version(),
                "java", found.java(),
                "javaHome", found.javaHome(),
                "system", found.system(),
                "processors", found.processors(),
                "memory", found.memory().total(),
                "memoryAvailable", found.memory().available(),
                "maxHeap", found.maxHeap(),
                "backends", found.backends().stream()
                        .map(b -> Json.object("name", b.name(), "available", b.available(), "detail", b.detail()))
                        .toList(),
                "instructionSets", found.instructionSets().stream()
                        .map(i -> Json.object("name", i.name(), "available", i.available(), "chosen", i.chosen()))
                        .toList(),
                "nativeLibrary", json(found.nativeLibrary()),
                "cudaDriver", json(found.cudaDriver()),
                "cudaKernels", json(found.cudaKernels()),
                "gpus", found.gpus().stream()
                        .map(g -> Json.object(
                                "index", g.index(),
                                "name", g.name(),
                                "computeCapability", g.computeCapability(),
                                "memory", g.memory(),
                                "pciId", g.pciId(),
                                "used", g.used()))
                        .toList(),
                "libraries", found.libraries().stream()
                        .map(l -> Json.object("name", l.name(), "on", l.part().on(), "detail", l.part().detail()))
                        .toList(),
                "cacheFolders", found.cacheFolders(),
                "fileHints", json(found.fileHints())));
    }

    private static Map<String, Object> json(Diagnosis.Part part) {
        return Json.object("on", part.on(), "detail", part.detail());
    }
}
