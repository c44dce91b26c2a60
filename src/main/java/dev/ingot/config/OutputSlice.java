// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An entry of {@code slices}: consecutive layers of the output, made from equally many layers of each source.
 *
 * @param sources    at least one, all of the same length, no model twice
 * @param parameters parameters of this slice
 * @param baseModel  overrides the configuration's base model for the tensors of this slice
 * @param position   where the entry was written
 */
public record OutputSlice(
        List<InputSource> sources, ParameterMap parameters, Optional<ModelReference> baseModel, Position position) {
    /** Refuses an empty list, unequal lengths and repeated models. */
    public OutputSlice {
        Objects.requireNonNull(parameters);
        Objects.requireNonNull(baseModel);
        Objects.requireNonNull(position);
        sources = List.copyOf(sources);
        if (sources.isEmpty()) {
            throw position.error("a slice without sources", "list at least one model under 'sources'");
        }
        Repeated.refuse(sources, "in one slice");
        LayerRange first = sources.getFirst().layerRange();
        for (InputSource source : sources) {
            LayerRange range = source.layerRange();
            if (range.length() != first.length()) {
                throw range.position().error(
                        "sources of one slice take different numbers of layers, " + first.length() + " of "
                                + Quote.of(sources.getFirst().model().toString()) + " and " + range.length() + " of "
                                + Quote.of(source.model().toString()),
                        "give ranges of equal length");
            }
        }
    }

    /** Number of layers that this slice adds to the output. */
    public int length() {
        return sources.getFirst().layerRange().length();
    }
}
