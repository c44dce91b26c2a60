// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.fixture.TestTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * KnOTS with election by signs in float64, in a basis that is given: the sum of the kept values, of the largest of each model
 * (gstoica27/KnOTS: masking_ops.py, task_merger.py).
 *
 * @param basis left singular vectors of each tensor, m x rank, by the tensor's name
 */
record KnotsReference(Map<String, TestTensor> basis, int percent, double scaling) {
    /** The same basis with vectors whose largest element is positive. */
    KnotsReference turned() {
        Map<String, TestTensor> turned = new LinkedHashMap<>();
        basis.forEach((name, vectors) -> {
            int rank = (int) vectors.shape().dim(1);
            double[] values = vectors.values();
            float[] all = new float[values.length];
            for (int j = 0; j < rank; j++) {
                double largest = 0;
                for (int i = j; i < values.length; i += rank) {
                    largest = Math.abs(values[i]) > Math.abs(largest) ? values[i] : largest;
                }
                for (int i = j; i < values.length; i += rank) {
                    all[i] = (float) (Math.signum(largest) * values[i]);
                }
            }
            turned.put(name, TestTensor.of(name, vectors.dtype(), vectors.shape(), all));
        });
        return new KnotsReference(turned, percent, scaling);
    }

    /** The merged deltas of the tensors that have a basis. */
    Map<String, double[]> merged(Map<String, TestTensor> base, List<Map<String, TestTensor>> experts) {
        List<Map<String, double[]>> coefficients = new ArrayList<>();
        double[] thresholds = new double[experts.size()];
        for (int t = 0; t < experts.size(); t++) {
            Map<String, double[]> own = new LinkedHashMap<>();
            for (String name : basis.keySet()) {
                own.put(name, coefficients(name, base.get(name), experts.get(t).get(name)));
            }
            double[] sorted = own.values().stream().flatMapToDouble(Arrays::stream).map(Math::abs).sorted().toArray();
            thresholds[t] = sorted[sorted.length - (int) (sorted.length * (percent / 100.0)) - 1];
            coefficients.add(own);
        }
        Map<String, double[]> merged = new LinkedHashMap<>();
        basis.forEach((name, vectors) -> {
            double[] elected = new double[coefficients.getFirst().get(name).length];
            for (int i = 0; i < elected.length; i++) {
                elected[i] = elect(coefficients, name, i, thresholds);
            }
            merged.put(name, product(vectors, elected));
        });
        return merged;
    }

    private double elect(List<Map<String, double[]>> coefficients, String name, int i, double[] thresholds) {
        double signs = 0;
        double positive = 0;
        double negative = 0;
        for (int t = 0; t < coefficients.size(); t++) {
            double value = coefficients.get(t).get(name)[i];
            double left = Math.abs(value) >= thresholds[t] ? value : 0;
            signs += Math.signum(left);
            positive += Math.max(left, 0);
            negative += Math.min(left, 0);
        }
        return scaling * (signs > 0 ? positive : negative);
    }

    private double[] coefficients(String name, TestTensor base, TestTensor expert) {
        int rank = (int) basis.get(name).shape().dim(1);
        int columns = (int) base.shape().dim(1);
        double[] u = basis.get(name).values();
        double[] from = base.values();
        double[] to = expert.values();
        double[] c = new double[rank * columns];
        for (int i = 0; i < from.length; i++) {
            for (int j = 0; j < rank; j++) {
                c[j * columns + i % columns] += u[i / columns * rank + j] * (to[i] - from[i]);
            }
        }
        return c;
    }

    private static double[] product(TestTensor vectors, double[] c) {
        int rank = (int) vectors.shape().dim(1);
        int rows = (int) vectors.shape().dim(0);
        int columns = c.length / rank;
        double[] u = vectors.values();
        double[] product = new double[rows * columns];
        for (int i = 0; i < product.length; i++) {
            for (int j = 0; j < rank; j++) {
                product[i] += u[i / columns * rank + j] * c[j * columns + i % columns];
            }
        }
        return product;
    }
}
