// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Operations over element types and sizes. Each is warmed up for a round and then timed in rounds, before or after a copy of
 * the same bytes by turns, so that a disturbance meets both.
 *
 * @param operations what to measure
 * @param dtypes     element types of the inputs
 * @param elements   elements of a tensor
 * @param rounds     timed rounds of each
 */
public record Survey(List<Operation> operations, List<Dtype> dtypes, List<Long> elements, int rounds) {
    /** Elements are addressed to this multiple at most, on any stand. */
    private static final long PADDING = 256;

    /** Copies the lists. */
    public Survey {
        operations = List.copyOf(operations);
        dtypes = List.copyOf(dtypes);
        elements = List.copyOf(elements);
    }

    /** Hears results as they come. */
    public interface Listener {
        /** An operation has been measured. */
        void measured(Rate rate);

        /** An operation was left out because its operands need more memory than there is. */
        void leftOut(Operation operation, Dtype dtype, long elements, long bytes, long capacity);
    }

    /** Measures everything, in the order of sizes, element types and operations. */
    public void run(Stand stand, Listener listener) {
        for (long count : elements) {
            for (Dtype dtype : dtypes) {
                run(stand, dtype, count, listener);
            }
        }
    }

    private void run(Stand stand, Dtype dtype, long count, Listener listener) {
        long padded = Math.ceilDiv(count, PADDING) * PADDING;
        long capacity = stand.capacity();
        long copied = Math.ceilDiv(stand.roundBytes(), 2);
        List<RoundPlan> plans = new ArrayList<>();
        for (Operation operation : operations) {
            RoundPlan plan = RoundPlan.of(operation, dtype, count, stand.roundBytes());
            List<RoundPlan> with = new ArrayList<>(plans);
            with.add(plan);
            long bytes = RoundPlan.bytes(with, dtype, padded) + 2 * copied;
            if (bytes <= capacity) {
                plans.add(plan);
            } else {
                listener.leftOut(operation, dtype, count, bytes, capacity);
            }
        }
        if (plans.isEmpty()) {
            return;
        }
        try (Stand.Loaded loaded = stand.load(dtype, count, plans, copied)) {
            for (RoundPlan plan : plans) {
                listener.measured(measure(loaded, plan, dtype, count));
            }
        }
    }

    private Rate measure(Stand.Loaded loaded, RoundPlan plan, Dtype dtype, long count) {
        int tensors = plan.tensors();
        // A copy moves each of its bytes twice.
        long copied = plan.operation().bytes(dtype, count) * tensors / 2;
        List<Double> seconds = new ArrayList<>();
        List<Double> copySeconds = new ArrayList<>();
        Consumer<Boolean> round = copyFirst -> {
            if (copyFirst) {
                copySeconds.add(loaded.copy(copied) / tensors);
            }
            seconds.add(loaded.run(plan) / tensors);
            if (!copyFirst) {
                copySeconds.add(loaded.copy(copied) / tensors);
            }
        };
        round.accept(true);
        seconds.clear();
        copySeconds.clear();
        for (int i = 0; i < rounds; i++) {
            round.accept(i % 2 == 0);
        }
        return new Rate(plan.operation(), dtype, count, tensors, seconds, copySeconds);
    }
}
