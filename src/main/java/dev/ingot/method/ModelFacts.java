// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.List;
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
 */
record ModelFacts(
        List<Optional<Thinned>> thinned, double[] norms, int majority, boolean isTied, double shallow) {
    /** Nothing. */
    static ModelFacts unknown(int models) {
        List<Optional<Thinned>> none = java.util.Collections.nCopies(models, Optional.empty());
        return new ModelFacts(none, new double[0], 1, true, 1);
    }

    ModelFacts withThinned(List<Optional<Thinned>> found) {
        return new ModelFacts(List.copyOf(found), norms, majority, isTied, shallow);
    }

    ModelFacts withNorms(double[] found) {
        return new ModelFacts(thinned, found, majority, isTied, shallow);
    }

    ModelFacts withMajority(int sign, boolean tied) {
        return new ModelFacts(thinned, norms, sign, tied, shallow);
    }

    ModelFacts withShallow(double factor) {
        return new ModelFacts(thinned, norms, majority, isTied, factor);
    }
}
