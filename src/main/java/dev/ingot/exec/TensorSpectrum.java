// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.linalg.SpectrumFacts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The spectra of a tensor.
 *
 * @param task     which tensor
 * @param models   one per model, in their order; empty if a model lacks the tensor or has NaN or infinity in it
 * @param overlaps of each pair of models, in the order (0,0) (1,0) (1,1) (2,0) ..., the share of one's leading left singular
 *                 subspace that lies in the other's: {@code |u_i^T u_j|^2 / k}; empty where one has no direction. No entries
 *                 if no vectors were wanted
 * @param faults   which models' values are not finite, one line each
 */
public record TensorSpectrum(
        SpectrumTask task, List<Optional<SpectrumFacts>> models, List<OptionalDouble> overlaps, List<String> faults) {
    /** Copies the lists. */
    public TensorSpectrum {
        models = List.copyOf(models);
        overlaps = List.copyOf(overlaps);
        faults = List.copyOf(faults);
    }
}
