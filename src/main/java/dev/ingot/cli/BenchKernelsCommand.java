// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.Ingot;
import dev.ingot.KernelBench;
import dev.ingot.KernelRates;
import dev.ingot.error.UsageException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ingot bench kernels}. */
@Command(
        description = {
            "Times each kernel beside copies of the same bytes in the same run.",
            "Without choices everything is measured, which takes some minutes."
        })
final class BenchKernelsCommand implements Runnable {
    private static final Pattern COUNT = Pattern.compile("(\\d{1,18})([kKmMgG]?)");

    private final Context context;

    @Option(names = "--backend", paramLabel = "NAME", description = "A backend of 'ingot doctor'. Default: auto")
    private String backend = KernelBench.ALL.backend();

    @Option(names = "--isa", paramLabel = "NAME", description = "Force an instruction set of the CPU kernels.")
    private String isa;

    @Option(names = "--kernel", split = ",", paramLabel = "NAME", description = "Only these kernels; --list names them.")
    private List<String> kernels = KernelBench.ALL.kernels();

    @Option(names = "--dtype", split = ",", paramLabel = "TYPE", description = "Only these element types: bf16, f16, f32.")
    private List<String> dtypes = KernelBench.ALL.dtypes();

    @Option(
            names = "--elements",
            split = ",",
            paramLabel = "N",
            description = "Elements of a tensor; K, M and G are 2^10, 2^20 and 2^30. Default: 1M,16M,64M")
    private List<String> elements;

    @Option(names = "--rounds", paramLabel = "N", description = "Timed rounds of each. Default: 7")
    private int rounds = KernelBench.ALL.rounds();

    @Option(names = {"-j", "--threads"}, paramLabel = "N", description = "Worker threads. Default: all processors.")
    private int threads = KernelBench.ALL.threads();

    @Option(names = "--list", description = "Only name the kernels.")
    private boolean list;

    @Option(names = "--json", description = "Answer with one JSON object.")
    private boolean json;

    @Option(names = "--quiet", description = "Do not tell what has been measured so far.")
    private boolean quiet;

    BenchKernelsCommand(Context context) {
        this.context = context;
    }

    @Override
    public void run() {
        if (list) {
            KernelBench.kernelNames().forEach(context.out()::println);
            return;
        }
        KernelBench bench = KernelBench.ALL
                .withBackend(backend).withKernels(kernels).withDtypes(dtypes).withRounds(rounds).withThreads(threads);
        if (elements != null) {
            bench = bench.withElements(elements.stream().map(BenchKernelsCommand::count).toList());
        }
        Ingot ingot = context.ingot(isa == null ? Map.of() : Map.of("INGOT_ISA", isa));
        KernelRates rates = ingot.measure(bench, this::tell);
        rates.warnings().forEach(context::warn);
        if (json) {
            context.out().println(Json.text(json(rates)));
        } else {
            print(rates);
        }
    }

    private void tell(KernelRates.Kernel kernel) {
        if (!quiet) {
            context.err().println(kernel.name() + " " + kernel.input() + " " + kernel.elements() + ": "
                    + rate(kernel.bytesPerSecond()) + " GB/s, " + share(kernel.ratio()) + " of the copy's");
            context.err().flush();
        }
    }

    private void print(KernelRates rates) {
        KernelRates.Machine machine = rates.machine();
        context.out().println(rates.device() + "; " + machine.processor() + ", " + machine.processors() + " processors, "
                + Text.bytes(machine.memory()) + ", " + machine.system());
        Table table = new Table().row("kernel", "in", "out", "elements", "ms", "GB/s", "copy", "/copy", "passes counted");
        rates.rates().forEach(kernel -> table.row(
                kernel.name(), kernel.input(), kernel.output(), Long.toString(kernel.elements()),
                String.format(Locale.ROOT, "%.3f", kernel.seconds() * 1e3), rate(kernel.bytesPerSecond()),
                rate(kernel.copyBytesPerSecond()), share(kernel.ratio()), share(kernel.trafficRatio())));
        table.lines().forEach(context.out()::println);
        context.out().println("copy: " + rates.copy() + ", GB/s read and written; rates count inputs and output once each");
        rates.transfers().forEach(way ->
                context.out().println(way.name() + ": " + rate(way.bytesPerSecond()) + " GB/s, pinned memory"));
    }

    private static Map<String, Object> json(KernelRates rates) {
        KernelRates.Machine machine = rates.machine();
        return Json.object(
                "schema", "ingot.bench.kernels/1",
                "version", Ingot.version(),
                "backend", rates.backend(),
                "device", rates.device(),
                "copy", rates.copy(),
                "machine", Json.object(
                        "processor", machine.processor(),
                        "processors", machine.processors(),
                        "memory", machine.memory(),
                        "system", machine.system(),
                        "java", machine.java()),
                "transfers", rates.transfers().stream()
                        .map(way -> Json.object("name", way.name(), "bytesPerSecond", way.bytesPerSecond()))
                        .toList(),
                "warnings", rates.warnings(),
                "rates", rates.rates().stream().map(BenchKernelsCommand::json).toList());
    }

    private static Map<String, Object> json(KernelRates.Kernel kernel) {
        return Json.object(
                "kernel", kernel.name(),
                "input", kernel.input(),
                "output", kernel.output(),
                "elements", kernel.elements(),
                "bytes", kernel.bytes(),
                "traffic", kernel.traffic(),
                "seconds", kernel.seconds(),
                "bytesPerSecond", kernel.bytesPerSecond(),
                "copyBytesPerSecond", kernel.copyBytesPerSecond(),
                "ratio", kernel.ratio(),
                "trafficRatio", kernel.trafficRatio(),
                "samples", kernel.samples(),
                "copySamples", kernel.copySamples());
    }

    private static String rate(double bytesPerSecond) {
        return String.format(Locale.ROOT, "%.1f", bytesPerSecond / 1e9);
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.2f", share);
    }

    private static long count(String text) {
        Matcher parts = COUNT.matcher(text);
        if (!parts.matches()) {
            throw new UsageException("'" + text + "' is no number of elements", "give for instance 1M or 16777216");
        }
        int shift = switch (parts.group(2)) {
            case "k", "K" -> 10;
            case "m", "M" -> 20;
            case "g", "G" -> 30;
            default -> 0;
        };
        long number = Long.parseLong(parts.group(1));
        return number > Long.MAX_VALUE >> shift ? Long.MAX_VALUE : number << shift;
    }
}
