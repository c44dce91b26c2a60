// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.NameOrder;
import dev.ingot.kernel.MersenneTwister;
import dev.ingot.method.Randomness;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order in which tensors take numbers from a random sequence of the run: that in which mergekit computes them, ascending
 * by the name of the tensor in the input models, of which the largest counts. Of equal ones, which only slices have, the
 * first in the output comes first; mergekit leaves that to chance.
 */
public final class DrawOrder {
    /** A snapshot of the generator is taken every so many blocks. */
    public static final int SNAPSHOT_BLOCKS = 512;

    private DrawOrder() {}

    /** Gives every tensor its place in the sequence, if there is one; the result is in the order of the argument. */
    static List<TensorResolver.Resolved> assign(List<TensorResolver.Resolved> tensors) {
        if (tensors.stream().noneMatch(tensor -> tensor.context().random() instanceof Randomness.Sequence)) {
            return tensors;
        }
        Map<String, Long> firsts = new HashMap<>();
        long next = 0;
        for (TensorResolver.Resolved tensor : tensors.stream()
                .sorted(Comparator.comparing(TensorResolver.Resolved::sourceName, NameOrder.UTF8))
                .toList()) {
            firsts.put(tensor.name(), next);
            next += CostedTensor.of(tensor).draws();
        }
        return tensors.stream().map(tensor -> tensor.from(firsts.get(tensor.name()))).toList();
    }

    /**
     * Bytes of the snapshots among a tensor's numbers.
     *
     * @param draws how many it takes from the sequence
     */
    static long memory(long draws) {
        return draws == 0 ? 0 : (draws / (SNAPSHOT_BLOCKS * MersenneTwister.BLOCK) + 2) * MersenneTwister.BYTES;
    }
}
