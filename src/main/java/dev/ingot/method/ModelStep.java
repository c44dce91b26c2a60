// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What is computed of the model as a whole. All but the last read every tensor, learn something, and lead to the next; nothing is
 * held of the tensors meanwhile.
 */
public sealed interface ModelStep {
    /**
     * Everything is known.
     *
     * @param of       how to compute each tensor
     * @param findings what is worth telling of the model as a whole, such as factors of tasks, by name
     */
    record Programs(Function<TensorContext, TensorProgram> of, Map<String, List<Double>> findings)
            implements ModelStep {
        public Programs {
            findings = Map.copyOf(findings);
        }

        /** With nothing to tell. */
        public Programs(Function<TensorContext, TensorProgram> of) {
            this(of, Map.of());
        }
    }

    /**
     * Every tensor by itself learns a few numbers.
     *
     * @param programs end with {@link Step.Report}
     * @param then     gets what they reported, in the order of the tensors
     */
    record Survey(Function<TensorContext, TensorProgram> programs, Function<List<TensorFacts>, ModelStep> then)
            implements ModelStep {}

    /**
     * Finds the largest elements of the model by magnitude.
     *
     * @param scores what the elements of a tensor are compared by, one score per pick; none if it takes no part
     * @param keeps  per pick, how many elements to select, from 1 to the number of elements that take part
     * @param then   gets the k-th largest magnitude of each pick
     */
    record Select(
            Function<TensorContext, List<Score>> scores, List<Long> keeps, Function<List<Cutoff>, ModelStep> then)
            implements ModelStep {
        public Select {
            keeps = List.copyOf(keeps);
        }
    }
}
