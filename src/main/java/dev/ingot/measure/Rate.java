// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How fast one operation is, beside copies of the same bytes in the same rounds.
 *
 * @param operation   what was measured
 * @param input       element type of the inputs
 * @param elements    elements of a tensor
 * @param tensors     tensors that a round merges
 * @param seconds     of one tensor, one per round
 * @param copySeconds of a copy that moves as many bytes as one tensor's inputs and output have, one per round
 */
public record Rate(
        Operation operation, Dtype input, long elements, int tensors, List<Double> seconds, List<Double> copySeconds) {
    /** Copies the lists. */
    public Rate {
        seconds = List.copyOf(seconds);
        copySeconds = List.copyOf(copySeconds);
    }

    /** Element type of the result. */
    public Dtype output() {
        return operation.output(input);
    }

    /** Bytes of inputs and output of a tensor, each once. */
    public long bytes() {
        return operation.bytes(input, elements);
    }

    /** Bytes of a tensor that must be moved: inputs once for each pass over them. */
    public long traffic() {
        return operation.traffic(input, elements);
    }

    /** Median time of one tensor. */
    public double medianSeconds() {
        return median(seconds);
    }

    /** Bytes per second, inputs and output once each. */
    public double bytesPerSecond() {
        return bytes() / medianSeconds();
    }

    /** Bytes per second of the copies, which read and write. */
    public double copyBytesPerSecond() {
        return bytes() / median(copySeconds);
    }

    /** Rate as a share of the copy's: the median over the rounds of the share within one round. */
    public double ratio() {
        return median(IntStream.range(0, seconds.size()).mapToObj(i -> copySeconds.get(i) / seconds.get(i)).toList());
    }

    /** The same where every pass over the inputs counts. */
    public double trafficRatio() {
        return ratio() * traffic() / bytes();
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
