// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A merge method. Stateless and thread-safe. */
public interface MergeMethod {
    /** What the method is and takes. */
    MethodSpec spec();

    /**
     * How to compute one output tensor. Where this depends on the {@linkplain #survey model as a whole}, reads and memory are
     * those of all passes, and the step is {@link Step.Surveyed}.
     *
     * @throws dev.ingot.error.ConfigException if the parameters make no sense for this tensor
     */
    TensorProgram program(TensorContext context);

    /**
     * What has to be learnt of the model as a whole before its tensors can be computed; empty if each tensor stands alone.
     *
     * @param tensors all that the method computes, in the order of the output; perhaps none
     * @throws dev.ingot.error.ConfigException if the tensors' parameters do not agree where they must
     */
    default Optional<ModelStep> survey(List<TensorContext> tensors) {
        return Optional.empty();
    }

    /**
     * Whether the method gives one vector for all models and a mask of it for each, so that any {@link Part} can be asked for.
     */
    default boolean hasMasks() {
        return false;
    }

    /** Whether the method gives a few small tensors for each model, its factors. */
    default boolean hasFactors() {
        return false;
    }

    /**
     * The factors that a model has for a tensor; the {@link #program} of one may depend on the tensor's own alone.
     *
     * @param context the tensor
     * @param task    the model's place among the merged ones
     */
    default List<Part.Factor> factors(TensorContext context, int task) {
        return List.of();
    }

    /**
     * What the method is put together from: the values of all {@linkplain Composition choices}, those that cannot be changed
     * among them. Empty if it is not composed.
     */
    default Map<String, String> composition() {
        return Map.of();
    }

    /**
     * Whether models whose tensor has another shape than the base's are left out of that tensor, with a warning. Otherwise they
     * are an error.
     */
    default boolean leavesOutOtherShapes() {
        return false;
    }
}
