// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Arrays;

/** PCB-Merging as its authors' programs say it: whole rows, sorted, in float64. */
final class PcbReference {
    private final String inter;
    private final double clip;
    private final double ratio;

    PcbReference(String inter, double clip, double ratio) {
        this.inter = inter;
        this.clip = clip;
        this.ratio = ratio;
    }

    /** The merged task vector of these, with a factor on each. */
    double[] merged(double[][] vectors, double[] weights) {
        int n = vectors.length;
        int d = vectors[0].length;
        double[][] clipped = new double[n][];
        double[][] normalized = new double[n][];
        for (int i = 0; i < n; i++) {
            double[] magnitudes = Arrays.stream(vectors[i]).map(Math::abs).toArray();
            clipped[i] = clamped(magnitudes, d * clip, d * (1 - clip) - 1);
            normalized[i] = normalized(clipped[i]);
            for (int e = 0; e < d; e++) {
                clipped[i][e] *= Math.signum(vectors[i][e]);
            }
        }
        double[][] shares = new double[n][];
        for (int i = 0; i < n; i++) {
            double[] scores = new double[d];
            for (int e = 0; e < d; e++) {
                scores[e] = Math.exp(n * normalized[i][e] * normalized[i][e]) * agreement(vectors, normalized, i, e);
            }
            shares[i] = normalized(clamped(scores, d * (1 - ratio), d - 1));
        }
        double[] merged = new double[d];
        for (int e = 0; e < d; e++) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                merged[e] += weights[i] * clipped[i][e] * shares[i][e];
                sum += shares[i][e];
            }
            merged[e] /= Math.max(sum, 1e-12);
        }
        return merged;
    }

    private double agreement(double[][] vectors, double[][] normalized, int model, int element) {
        double sum = 0;
        for (int j = 0; j < vectors.length; j++) {
            double other = Math.signum(vectors[j][element]) * normalized[j][element];
            sum += switch (inter) {
                case "raw" -> vectors[j][element];
                case "half_normalized" -> other;
                default -> Math.tanh(Math.signum(vectors[model][element]) * normalized[model][element] * other);
            };
        }
        return inter.equals("normalized") ? sum : Math.tanh(vectors[model][element] * sum);
    }

    /** Cut off to the numbers at two places of ascending order; the upper end wins. */
    private static double[] clamped(double[] values, double low, double high) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double least = sorted[(int) low];
        double most = sorted[(int) high];
        return Arrays.stream(values).map(value -> Math.min(Math.max(value, least), most)).toArray();
    }

    /** From 0 for the least to 1 for the largest; all 0 if they are the same. */
    private static double[] normalized(double[] values) {
        double least = Arrays.stream(values).min().orElseThrow();
        double range = Arrays.stream(values).max().orElseThrow() - least;
        return Arrays.stream(values).map(value -> range == 0 ? 0 : (value - least) / range).toArray();
    }
}
