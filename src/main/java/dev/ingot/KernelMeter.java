// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.cuda.CudaException;
import dev.ingot.kernel.Backends;
import dev.ingot.measure.Operation;
import dev.ingot.measure.Rate;
import dev.ingot.measure.Stand;
import dev.ingot.measure.Stands;
import dev.ingot.measure.Survey;
import dev.ingot.report.MachineMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Runs a {@link KernelBench} and gathers what comes of it. */
final class KernelMeter implements Survey.Listener {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private final Consumer<KernelRates.Kernel> listener;
    private final List<KernelRates.Kernel> rates = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    private KernelMeter(Consumer<KernelRates.Kernel> listener) {
        this.listener = listener;
    }

    static KernelRates run(KernelBench bench, Backends backends, Consumer<KernelRates.Kernel> listener) {
        Backends.Choice choice = backends.choose(bench.backend());
        KernelMeter meter = new KernelMeter(listener);
        choice.notice().ifPresent(meter.warnings::add);
        try (Stand stand = Stands.open(
                backends, choice.backend(), bench.threads(), () -> MachineMemory.now().available())) {
            meter.warnings.addAll(stand.warnings());
            bench.survey().run(stand, meter);
            return new KernelRates(
                    choice.backend().name(), stand.description(), stand.copyDescription(), machine(), meter.rates,
                    stand.transfers().stream()
                            .map(way -> new KernelRates.Transfer(way.name(), way.bytesPerSecond()))
                            .toList(),
                    meter.warnings);
        } catch (CudaException e) {
            throw Stands.failure(e);
        }
    }

    @Override
    public void measured(Rate rate) {
        KernelRates.Kernel kernel = KernelRates.Kernel.of(rate);
        rates.add(kernel);
        listener.accept(kernel);
    }

    @Override
    public void leftOut(Operation operation, Dtype dtype, long elements, long bytes, long capacity) {
        warnings.add(operation.label() + " of " + elements + " elements in " + KernelBench.name(dtype)
                + " was left out: it needs " + bytes + " bytes, and " + capacity + " are to be had");
    }

    private static KernelRates.Machine machine() {
        return new KernelRates.Machine(
                processor(),
                Runtime.getRuntime().availableProcessors(),
                MachineMemory.now().total(),
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"),
                Runtime.version() + ", " + System.getProperty("java.vendor"));
    }

    /** The model name that Linux tells on x86, elsewhere the architecture. */
    private static String processor() {
        try {
            return Files.readAllLines(PROCESSORS).stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }
}
