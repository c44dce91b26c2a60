// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * That a place means the same model in every tensor. Places are counted tensor by tensor among the models that have it, so where
 * tensors lack different models, what was learnt of one model by its place would be used for another.
 */
final class SameModels {
    private SameModels() {}

    /**
     * Refuses tensors whose models are not those of the tensor that has most.
     *
     * @param tensors those among which facts go by places
     * @param reason  why they do, to end the sentence
     * @param hint    how to leave a tensor out, or whatever else helps
     * @throws ConfigException naming a tensor that lacks a model, or has them in another order
     */
    static void check(List<TensorContext> tensors, String reason, String hint) {
        check(tensors, tensors, reason, hint);
    }

    /**
     * The same where some tensors go by no places, but tell which models there are.
     *
     * @param tensors those among which facts go by places
     * @param all     these and the others
     */
    static void check(List<TensorContext> tensors, List<TensorContext> all, String reason, String hint) {
        List<Integer> most = all.stream()
                .map(SameModels::numbers)
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        for (TensorContext tensor : tensors) {
            List<Integer> own = numbers(tensor);
            if (!own.equals(most)) {
                Set<Integer> lacking = new HashSet<>(most);
                own.forEach(lacking::remove);
                throw new ConfigException(
                        "tensor " + tensor.name()
                                + (lacking.isEmpty() ? " has the models in another order than others" : " is missing in some models")
                                + ", " + reason,
                        hint);
            }
        }
    }

    private static List<Integer> numbers(TensorContext tensor) {
        return tensor.models().stream().map(TensorContext.ModelContext::number).toList();
    }
}
