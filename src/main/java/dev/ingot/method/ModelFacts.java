// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a composed merge knows of the model as a whole.
 *
 * @param thinned  what is left of each task vector, or of what random dropping leaves of it, where that is decided for the whole
 *                 model; otherwise empty
 * @param norms    squared norms of the thinned task vectors, if elections go by them
 * @param majority what an element with a sum of zero elects: -1, 0 or 1
 * @param isTied   whether there may be such elements
 * @param shallow  factor of the first layer, if the merged task vector is scaled by layers
 * @param masks    means of the models' masks by tensor, where task vectors are thinned by masks
 */
record ModelFacts(
        List<Optional<Thinned>> thinned,
        double[] norms,
        int majority,
        boolean isTied,
        double shallow,
        Map<String, double[]> masks) {
    /** Nothing. */
    static ModelFacts unknown(int models) {
        List<Optional<Thinned>> none = Collections.nCopies(models, Optional.empty());
        return new ModelFacts(none, new double[0], 1, true, 1, Map.of());
    }

    ModelFacts withThinned(List<Optional<Thinned>> found) {
        return new ModelFacts(List.copyOf(found), norms, majority, isTied, shallow, masks);
    }

    ModelFacts withNorms(double[] found) {
        return new ModelFacts(thinned, found, majority, isTied, shallow, masks);
    }

    ModelFacts withMajority(int sign, boolean tied) {
        return new ModelFacts(thinned, norms, sign, tied, shallow, masks);
    }

    ModelFacts withShallow(double factor) {
        return new ModelFacts(thinned, norms, majority, isTied, factor, masks);
    }

    ModelFacts withMasks(Map<String, double[]> means) {
        return new ModelFacts(thinned, norms, majority, isTied, shallow, Map.copyOf(means));
    }

    /** The mean of a model's mask in a tensor; 0 where nothing is known of it. */
    double maskMean(String tensor, int model) {
        double[] means = masks.get(tensor);
        return means == null ? 0 : means[model];
    }
}
