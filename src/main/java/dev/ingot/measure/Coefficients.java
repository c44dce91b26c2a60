// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.WeightedSum;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** The kernels' parameters in the operations that are measured. Their values do not change how much work there is. */
final class Coefficients {
    /** Share of the deltas that sparse methods keep. */
    static final double DENSITY = 0.5;

    private static final float WEIGHT = 0.5f;

    private Coefficients() {}

    /** The sum that ends {@code linear-*} and {@code slerp}. */
    static WeightedSum sum(Operation operation) {
        return new WeightedSum(Collections.nCopies(operation.models(), 1f / operation.models()));
    }

    /** How many elements the magnitude masks keep. */
    static long keep(long elements) {
        return Math.max(1, (long) (DENSITY * elements));
    }

    /** The merge of an operation whose masks need no search. */
    static DeltaMerge merge(Operation operation) {
        List<Mask> masks = IntStream.rangeClosed(1, operation.models())
                .mapToObj(model -> switch (operation) {
                    case DARE_LINEAR, DARE_TIES -> Mask.Random.ofProbability(model, DENSITY);
                    case TIES_APPLY -> new Mask.Magnitude(Float.floatToIntBits(Weights.MEDIAN), Long.MAX_VALUE);
                    default -> Mask.NONE;
                })
                .toList();
        return merge(operation, masks);
    }

    /** The merge of an operation with these masks, one per model. */
    static DeltaMerge merge(Operation operation, List<? extends Mask> masks) {
        boolean dare = operation == Operation.DARE_LINEAR || operation == Operation.DARE_TIES;
        boolean consensus = operation == Operation.DARE_TIES || operation == Operation.TIES_APPLY
                || operation == Operation.TIES;
        float rescale = dare ? (float) (1 / DENSITY) : 1f;
        return new DeltaMerge(
                masks.stream().map(mask -> new DeltaMerge.Term(WEIGHT, rescale, mask)).toList(),
                consensus, consensus, 1f, 1f);
    }
}
