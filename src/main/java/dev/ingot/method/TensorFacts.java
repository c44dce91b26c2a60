// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.List;

/**
 * What a tensor reported in a survey.
 *
 * @param tensor the tensor
 * @param values what its {@link Step.Report} holds
 */
public record TensorFacts(TensorContext tensor, double[] values) {
    /** The sums over all tensors of the values at this place. */
    static double total(List<TensorFacts> facts, int place) {
        return facts.stream().mapToDouble(tensor -> tensor.values()[place]).sum();
    }
}
