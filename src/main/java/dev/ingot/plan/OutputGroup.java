// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.SafetensorsLayout;
import dev.ingot.checkpoint.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Tensors that make up one checkpoint of the output.
 *
 * @param stem     first part of the names of its files
 * @param tensors  in ascending order of names
 * @param metadata what a file with some of the tensors says of them
 */
record OutputGroup(
        String stem, List<TensorResolver.Resolved> tensors, Function<List<TensorSpec>, Map<String, String>> metadata) {
    OutputGroup {
        tensors = List.copyOf(tensors);
    }

    /** A model. */
    static OutputGroup model(List<TensorResolver.Resolved> tensors) {
        return new OutputGroup(PlannedShard.MODEL, tensors, files -> SafetensorsLayout.DEFAULT_METADATA);
    }
}
