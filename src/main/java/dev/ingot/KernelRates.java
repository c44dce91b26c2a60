// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.measure.Rate;
import java.util.List;

/**
 * How fast the kernels are on this machine.
 *
 * @param backend  the name of the backend
 * @param device   what it ran on
 * @param copy     what the copies are that stand beside the kernels
 * @param machine  the computer
 * @param rates    one per kernel, element type and size
 * @param transfers rates between the memories of host and device; empty where there is no device of its own
 * @param warnings what is to be known before the figures are used, one line each
 */
public record KernelRates(
        String backend, String device, String copy, Machine machine, List<Kernel> rates,
        List<Transfer> transfers, List<String> warnings) {
    /** Copies the lists. */
    public KernelRates {
        rates = List.copyOf(rates);
        transfers = List.copyOf(transfers);
        warnings = List.copyOf(warnings);
    }

    /**
     * A way for bytes between host and device.
     *
     * @param name           for instance {@code host to device}
     * @param bytesPerSecond its rate with pinned memory
     */
    public record Transfer(String name, double bytesPerSecond) {}

    /**
     * The computer that measured.
     *
     * @param processor  model name of its processor
     * @param processors how many of its hardware threads this process may use
     * @param memory     bytes that it has, or that a container may use
     * @param system     operating system and architecture
     * @param java       version and vendor
     */
    public record Machine(String processor, int processors, long memory, String system, String java) {}

    /**
     * One kernel with one element type and size. All rates count bytes of inputs and output, each once.
     *
     * @param name               the kernel
     * @param input              element type of its inputs
     * @param output             element type of its output
     * @param elements           elements of a tensor
     * @param bytes              bytes of a tensor's inputs and output, each once
     * @param traffic            the same, inputs as often as there are passes over them
     * @param seconds            median time of one tensor
     * @param bytesPerSecond     {@code bytes / seconds}
     * @param copyBytesPerSecond the rate of copies of the same bytes in the same run
     * @param ratio              rate as a share of the copy's, median over the rounds
     * @param trafficRatio       the same, {@code traffic} instead of {@code bytes} counted
     * @param samples            the time of one tensor in each round
     * @param copySamples        the time of copying the same bytes in each round
     */
    public record Kernel(
            String name,
            String input,
            String output,
            long elements,
            long bytes,
            long traffic,
            double seconds,
            double bytesPerSecond,
            double copyBytesPerSecond,
            double ratio,
            double trafficRatio,
            List<Double> samples,
            List<Double> copySamples) {
        /** Copies the lists. */
        public Kernel {
            samples = List.copyOf(samples);
            copySamples = List.copyOf(copySamples);
        }

        static Kernel of(Rate rate) {
            return new Kernel(
                    rate.operation().label(),
                    KernelBench.name(rate.input()),
                    KernelBench.name(rate.output()),
                    rate.elements(),
                    rate.bytes(),
                    rate.traffic(),
                    rate.medianSeconds(),
                    rate.bytesPerSecond(),
                    rate.copyBytesPerSecond(),
                    rate.ratio(),
                    rate.trafficRatio(),
                    rate.seconds(),
                    rate.copySeconds());
        }
    }
}
