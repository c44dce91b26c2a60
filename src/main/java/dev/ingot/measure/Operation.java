// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What is measured: one kernel, or the kernels that a merge method runs one after the other. */
public enum Operation {
    /** Rounding to another element type: bf16 to f32, everything else to bf16. */
    CONVERT("convert", 1, false, 1, true),
    /** A weighted sum of two models. */
    LINEAR_2("linear-2", 2, false, 1, true),
    /** A weighted sum of three models. */
    LINEAR_3("linear-3", 3, false, 1, true),
    /** A weighted sum of four models. */
    LINEAR_4("linear-4", 4, false, 1, true),
    /** A weighted sum of eight models. */
    LINEAR_8("linear-8", 8, false, 1, true),
    /** Dot products of two models, then their weighted sum. */
    SLERP("slerp", 2, false, 2, true),
    /** The summed deltas of three models. */
    TASK_ARITHMETIC("task-arithmetic", 3, true, 1, true),
    /** A random half of the deltas of three models, doubled and summed. */
    DARE_LINEAR("dare-linear", 3, true, 1, true),
    /** A random half of the deltas of three models, doubled; a sign elected and the agreeing ones averaged. */
    DARE_TIES("dare-ties", 3, true, 1, true),
    /** The larger half of the deltas of three models, a sign elected and the agreeing ones averaged; thresholds are known. */
    TIES_APPLY("ties-apply", 3, true, 1, true),
    /** All of TIES: sample, counting scan, k-th largest magnitude of each delta, ties cut, and what ties-apply does. */
    TIES("ties", 3, true, 2, true),
    /** Sums of |d| of three models. */
    DELTA_SUMS("delta-sums", 3, true, 1, false);

    private final String label;
    private final int models;
    private final boolean base;
    private final int passes;
    private final boolean writes;

    Operation(String label, int models, boolean base, int passes, boolean writes) {
        this.label = label;
        this.models = models;
        this.base = base;
        this.passes = passes;
        this.writes = writes;
    }

    /** Its name on the command line. */
    public String label() {
        return label;
    }

    /** The operation of this name. */
    public static Optional<Operation> of(String label) {
        return Stream.of(values()).filter(operation -> operation.label.equals(label)).findFirst();
    }

    /** The names of all. */
    public static List<String> labels() {
        return Stream.of(values()).map(Operation::label).toList();
    }

    /** Number of models that are merged. */
    int models() {
        return models;
    }

    /** Whether a base is read besides. */
    boolean base() {
        return base;
    }

    /** Whether a tensor is written. */
    boolean writes() {
        return writes;
    }

    /** Element type of the result for inputs of this type. */
    Dtype output(Dtype input) {
        if (this != CONVERT) {
            return input;
        }
        return input == Dtype.BF16 ? Dtype.F32 : Dtype.BF16;
    }

    /** Bytes of all inputs and of the output, each counted once. */
    long bytes(Dtype input, long elements) {
        return readBytes(input, elements) + writtenBytes(input, elements);
    }

    /** Bytes that must be moved: inputs as often as their passes need them, the output once. */
    long traffic(Dtype input, long elements) {
        return passes * readBytes(input, elements) + writtenBytes(input, elements);
    }

    private long readBytes(Dtype input, long elements) {
        return (models + (base ? 1L : 0)) * elements * input.bytes();
    }

    private long writtenBytes(Dtype input, long elements) {
        return writes ? elements * output(input).bytes() : 0;
    }
}
