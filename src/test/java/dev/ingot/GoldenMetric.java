// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.fixture.TestTensor;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** How far a result is from the expected one, over all expected tensors. */
enum GoldenMetric {
    /** Largest absolute difference. */
    MAX_ABS {
        @Override
        double error(Map<String, TestTensor> expected, Map<String, TestTensor> found, Map<String, TestTensor> base) {
            double largest = 0;
            for (TestTensor tensor : expected.values()) {
                double[] a = tensor.values();
                double[] b = found.get(tensor.name()).values();
                for (int i = 0; i < a.length; i++) {
                    largest = Math.max(largest, difference(a[i], b[i]));
                }
            }
            return largest;
        }
    },
    /** Sum of squared differences, divided by the sum of squared differences of expected tensors and base. */
    NMSE {
        @Override
        double error(Map<String, TestTensor> expected, Map<String, TestTensor> found, Map<String, TestTensor> base) {
            double wrong = 0;
            double moved = 0;
            for (TestTensor tensor : expected.values()) {
                double[] a = tensor.values();
                double[] b = found.get(tensor.name()).values();
                double[] origin = base.get(tensor.name()).values();
                for (int i = 0; i < a.length; i++) {
                    wrong += Math.pow(difference(a[i], b[i]), 2);
                    moved += Math.pow(difference(a[i], origin[i]), 2);
                }
            }
            return wrong == 0 ? 0 : wrong / moved;
        }
    },
    /** Share of the elements that differ by more than rounding. */
    DIFFERING {
        @Override
        double error(Map<String, TestTensor> expected, Map<String, TestTensor> found, Map<String, TestTensor> base) {
            double differing = 0;
            double all = 0;
            for (TestTensor tensor : expected.values()) {
                double[] a = tensor.values();
                double[] b = found.get(tensor.name()).values();
                for (int i = 0; i < a.length; i++) {
                    differing += difference(a[i], b[i]) > 1e-6 ? 1 : 0;
                }
                all += a.length;
            }
            return differing / all;
        }
    },
    /** Number of tensors whose bytes differ. */
    BITWISE {
        @Override
        double error(Map<String, TestTensor> expected, Map<String, TestTensor> found, Map<String, TestTensor> base) {
            return expected.values().stream()
                    .filter(tensor -> !Arrays.equals(tensor.data(), found.get(tensor.name()).data()))
                    .count();
        }
    };

    /** The metric that a case names, if it is one of these. */
    static Optional<GoldenMetric> byName(String name) {
        return Arrays.stream(values()).filter(metric -> metric.name().equalsIgnoreCase(name)).findFirst();
    }

    /**
     * The error.
     *
     * @param expected the golden tensors
     * @param found    the result, with at least the same tensors in the same shapes
     * @param base     the base or first model
     */
    abstract double error(Map<String, TestTensor> expected, Map<String, TestTensor> found, Map<String, TestTensor> base);

    /** Absolute difference; infinite if one of the numbers is no number or they are unequal infinities. */
    private static double difference(double a, double b) {
        if (Double.compare(a, b) == 0) {
            return 0;
        }
        double difference = Math.abs(a - b);
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }
}
