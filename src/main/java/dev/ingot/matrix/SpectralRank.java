// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import java.util.Arrays;

/** How many of the directions with the largest eigenvalues are used. */
public sealed interface SpectralRank {
    /** A share of them, rounded up. */
    record Share(double share) implements SpectralRank {}

    /** As many as the spectrum seems to have. */
    record Effective(Measure measure) implements SpectralRank {}

    /** What a spectrum's effective number of directions is. */
    enum Measure {
        /** Participation ratio of the roots of eigenvalues: (sum of sqrt l)^2 / sum of l. */
        PARTICIPATION_SQRT,
        /** Participation ratio: (sum of l)^2 / sum of l^2. */
        PARTICIPATION,
        /** exp of the entropy of eigenvalues over their sum. */
        ENTROPY,
        /** Sum of l^2 / (largest l)^2. */
        STABLE_RANK
    }

    /** Rounds shares up unless they are whole but for this much, as the reference does. */
    double ALMOST = 0.999;

    /** How many, from 1 to all of these positive eigenvalues. */
    default int of(double[] eigenvalues) {
        int count = switch (this) {
            case Share(double share) -> (int) Math.floor(eigenvalues.length * share + ALMOST);
            case Effective(Measure measure) -> (int) Math.ceil(effective(measure, eigenvalues));
        };
        return Math.clamp(count, 1, eigenvalues.length);
    }

    private static double effective(Measure measure, double[] values) {
        double sum = Arrays.stream(values).sum();
        double squares = Arrays.stream(values).map(value -> value * value).sum();
        double largest = Arrays.stream(values).max().orElseThrow();
        return switch (measure) {
            case PARTICIPATION_SQRT -> {
                double roots = Arrays.stream(values).map(Math::sqrt).sum();
                yield roots * roots / sum;
            }
            case PARTICIPATION -> sum * sum / squares;
            case ENTROPY -> Math.exp(-Arrays.stream(values)
                    .map(value -> value / sum)
                    .map(share -> share * Math.log(share))
                    .sum());
            case STABLE_RANK -> squares / (largest * largest);
        };
    }
}
