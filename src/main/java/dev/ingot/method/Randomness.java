// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.FloatCodec;

/** Where the random numbers of one tensor come from. */
public sealed interface Randomness {
    /** Seed of the run. */
    long seed();

    /** The number that random numbers are compared with to keep elements with this probability. */
    double threshold(double probability);

    /**
     * Every number is a function of the seed, the tensor's name, the model's position and the element's index.
     *
     * @param seed seed of the run
     */
    record Keyed(long seed) implements Randomness {
        @Override
        public double threshold(double probability) {
            return probability;
        }
    }

    /**
     * One sequence for the whole run, in which each tensor has its place: what mergekit draws from torch's generator.
     *
     * @param seed     seed of the run
     * @param first    number of the tensor's first output
     * @param workType the type in which mergekit computes this tensor
     */
    record Sequence(long seed, long first, Dtype workType) implements Randomness {
        /** mergekit holds probabilities in bfloat16 where it computes in that, otherwise in float32. */
        @Override
        public double threshold(double probability) {
            float rounded = (float) probability;
            return workType == Dtype.BF16 ? FloatCodec.fromBf16(FloatCodec.toBf16(rounded)) : rounded;
        }

        /** The same sequence from another place on. */
        public Sequence from(long output) {
            return new Sequence(seed, output, workType);
        }
    }
}
