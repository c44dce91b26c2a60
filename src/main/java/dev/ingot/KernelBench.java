// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.config.NearestName;
import dev.ingot.error.UsageException;
import dev.ingot.kernel.Backends;
import dev.ingot.measure.Operation;
import dev.ingot.measure.Survey;
import java.util.List;
import java.util.Locale;

/**
 * Which kernels {@link Ingot#measure} times, and how. Immutable; start from {@link #ALL}.
 *
 * @param backend  name of a backend, or {@code auto}
 * @param kernels  names of kernels, of {@link #kernelNames()}
 * @param dtypes   element types of inputs, of {@link #dtypeNames()}
 * @param elements elements of one tensor, one or more sizes
 * @param rounds   timed rounds of each, from 1
 * @param threads  worker threads of backends that compute on the processor, from 1
 */
public record KernelBench(
        String backend, List<String> kernels, List<String> dtypes, List<Long> elements, int rounds, int threads) {
    private static final List<Dtype> DTYPES = List.of(Dtype.BF16, Dtype.F16, Dtype.F32);
    private static final int ROUNDS = 7;
    private static final long MOST_ELEMENTS = 1L << 33;

    /** Everything on the best backend, with all processors. */
    public static final KernelBench ALL = new KernelBench(
            Backends.AUTO, Operation.labels(), names(), List.of(1L << 20, 1L << 24, 1L << 26), ROUNDS,
            Runtime.getRuntime().availableProcessors());

    /**
     * Copies the lists.
     *
     * @throws UsageException if a name is not known or a number is out of range
     */
    public KernelBench {
        kernels = List.copyOf(kernels);
        dtypes = dtypes.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
        elements = List.copyOf(elements);
        kernels.forEach(name -> known("kernel", name, Operation.labels()));
        dtypes.forEach(name -> known("element type", name, names()));
        elements.forEach(count -> within("a number of elements", count, MOST_ELEMENTS));
        within("the number of rounds", rounds, 1000);
        within("the number of threads", threads, 4096);
    }

    /** The names of all kernels. */
    public static List<String> kernelNames() {
        return Operation.labels();
    }

    /** The names of all element types that can be measured. */
    public static List<String> dtypeNames() {
        return names();
    }

    /** On another backend. */
    public KernelBench withBackend(String name) {
        return new KernelBench(name, kernels, dtypes, elements, rounds, threads);
    }

    /** Only these kernels. */
    public KernelBench withKernels(List<String> names) {
        return new KernelBench(backend, names, dtypes, elements, rounds, threads);
    }

    /** Only these element types. */
    public KernelBench withDtypes(List<String> names) {
        return new KernelBench(backend, kernels, names, elements, rounds, threads);
    }

    /** Only tensors of these sizes. */
    public KernelBench withElements(List<Long> counts) {
        return new KernelBench(backend, kernels, dtypes, counts, rounds, threads);
    }

    /** With that many timed rounds. */
    public KernelBench withRounds(int count) {
        return new KernelBench(backend, kernels, dtypes, elements, count, threads);
    }

    /** With that many worker threads. */
    public KernelBench withThreads(int count) {
        return new KernelBench(backend, kernels, dtypes, elements, rounds, count);
    }

    Survey survey() {
        return new Survey(
                kernels.stream().map(name -> Operation.of(name).orElseThrow()).toList(),
                dtypes.stream().map(name -> Dtype.valueOf(name.toUpperCase(Locale.ROOT))).toList(),
                elements, rounds);
    }

    static String name(Dtype dtype) {
        return dtype.name().toLowerCase(Locale.ROOT);
    }

    private static List<String> names() {
        return DTYPES.stream().map(KernelBench::name).toList();
    }

    private static void known(String what, String name, List<String> names) {
        if (!names.contains(name)) {
            throw new UsageException(
                    "there is no " + what + " '" + name + "' to measure",
                    NearestName.suggest(name, names).map(near -> "did you mean '" + near + "'?")
                            .orElse("known: " + String.join(", ", names)));
        }
    }

    private static void within(String what, long number, long most) {
        if (number < 1 || number > most) {
            throw new UsageException(what + " is " + number, "give one from 1 to " + most);
        }
    }
}
