// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One round of an operation: as many tensors, each with operands of its own, as exceed the caches.
 *
 * @param operation what is done to each tensor
 * @param tensors   how many
 */
record RoundPlan(Operation operation, int tensors) {
    /** Operands of any operation: index 0 is the base, 1 to 8 are models. */
    static final int OPERANDS = 9;

    static RoundPlan of(Operation operation, Dtype dtype, long elements, long roundBytes) {
        return new RoundPlan(operation, Math.toIntExact(Math.ceilDiv(roundBytes, operation.bytes(dtype, elements))));
    }

    /** The indices of the operands that it reads. */
    IntStream operands() {
        return IntStream.rangeClosed(operation.base() ? 0 : 1, operation.models());
    }

    /** Tensors that the operand of this index needs to hold for all these plans. */
    static int tensors(List<RoundPlan> plans, int operand) {
        return plans.stream()
                .filter(plan -> plan.operands().anyMatch(index -> index == operand))
                .mapToInt(RoundPlan::tensors)
                .max()
                .orElse(0);
    }

    /** Bytes of the output that these plans share. */
    static long outputBytes(List<RoundPlan> plans, Dtype dtype, long stride) {
        return plans.stream()
                .filter(plan -> plan.operation.writes())
                .mapToLong(plan -> plan.tensors * stride * plan.operation.output(dtype).bytes())
                .max()
                .orElse(0);
    }

    /** Bytes of all operands and the output for these plans. */
    static long bytes(List<RoundPlan> plans, Dtype dtype, long stride) {
        return IntStream.range(0, OPERANDS).mapToLong(i -> tensors(plans, i) * stride * dtype.bytes()).sum()
                + outputBytes(plans, dtype, stride);
    }
}
