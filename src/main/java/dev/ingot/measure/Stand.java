// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import java.util.List;

/** A backend with what is needed to time it. Used by one thread; close it when done. */
public interface Stand extends AutoCloseable {
    /** What it measures, for instance {@code cpu (avx2), 2 threads}. */
    String description();

    /** What its copies are: {@code memcpy, 2 threads} or {@code device to device}. */
    String copyDescription();

    /** What must be known before figures of this stand are used, one line each. */
    default List<String> warnings() {
        return List.of();
    }

    /**
     * A way for bytes between the host's memory and the device's.
     *
     * @param name           for instance {@code host to device}
     * @param bytesPerSecond its rate with pinned memory
     */
    record Transfer(String name, double bytesPerSecond) {}

    /** The rates of the ways into and out of the device; empty where there is no device of its own. */
    default List<Transfer> transfers() {
        return List.of();
    }

    /** Bytes of inputs and outputs that a round must exceed so that no cache holds them. */
    long roundBytes();

    /** Bytes of operands that may be allocated here. */
    long capacity();

    /**
     * Allocates and fills operands; the caller closes them.
     *
     * @param dtype    element type of all inputs
     * @param elements elements of one tensor
     * @param plans    the operations that will be run, and how many tensors each of their rounds merges
     * @param copied   room for copies, in bytes for each side
     */
    Loaded load(Dtype dtype, long elements, List<RoundPlan> plans, long copied);

    /** Operands in memory. */
    interface Loaded extends AutoCloseable {
        /** Runs an operation once over each of its tensors. Returns the seconds this took. */
        double run(RoundPlan plan);

        /** Reads this many bytes and writes as many elsewhere. Returns the seconds this took. */
        double copy(long bytes);

        @Override
        void close();
    }

    @Override
    void close();
}
