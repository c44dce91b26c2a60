// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.util.Arrays;
import java.util.List;

/**
 * What the singular values of a matrix say about it.
 *
 * @param leading       the largest of them, descending
 * @param nuclear       their sum, the nuclear norm
 * @param frobenius     the root of the sum of their squares, the Frobenius norm
 * @param effectiveRank {@code exp(-sum p ln p)} with {@code p = s / sum s} (Roy and Vetterli, "The effective rank", EUSIPCO
 *                      2007); 0 of a matrix of zeros
 * @param stableRank    {@code frobenius^2 / s1^2}; 0 of a matrix of zeros
 */
public record SpectrumFacts(
        List<Double> leading, double nuclear, double frobenius, double effectiveRank, double stableRank) {
    /** Copies the list. */
    public SpectrumFacts {
        leading = List.copyOf(leading);
    }

    /** @param values all singular values, descending; at most {@code most} of them are listed */
    static SpectrumFacts of(double[] values, int most) {
        double nuclear = Arrays.stream(values).sum();
        double squares = 0;
        double entropy = 0;
        for (double value : values) {
            squares += value * value;
            double share = value / nuclear;
            // Without values of 0, and without those that are nothing beside the sum: x ln x has the limit 0.
            entropy -= share > 0 ? share * Math.log(share) : 0;
        }
        boolean zero = nuclear == 0;
        return new SpectrumFacts(
                Arrays.stream(values).limit(most).boxed().toList(),
                nuclear,
                Math.sqrt(squares),
                zero ? 0 : Math.exp(entropy),
                zero ? 0 : squares / (values[0] * values[0]));
    }

    /** From all singular values of a matrix, one column, descending; at most {@code most} of them are listed. */
    public static SpectrumFacts of(Matrix values, int most) {
        double[] array = new double[values.rows()];
        Arrays.setAll(array, i -> values.get(i, 0));
        return of(array, most);
    }
}
