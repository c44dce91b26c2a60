// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import java.util.function.DoubleUnaryOperator;

/** How far a direction goes from the start to the minimum, from 0 to 1, by the eigenvalue of its curvature. */
public sealed interface SpectralFilter {
    /** All the way: the minimum itself. */
    record None() implements SpectralFilter {}

    /** 1 - exp(-l t): a gradient flow of that time. */
    record Exponential(double time) implements SpectralFilter {}

    /** l / (l + alpha). */
    record Tikhonov(double alpha) implements SpectralFilter {}

    /**
     * 1 - (1 - eta l)^steps: steps of gradient descent.
     *
     * @param rate eta times the largest eigenvalue
     */
    record Landweber(int steps, double rate) implements SpectralFilter {}

    /** The filter for a spectrum with that largest eigenvalue. */
    default DoubleUnaryOperator of(double largest) {
        return switch (this) {
            case None() -> value -> 1;
            case Exponential(double time) -> value -> -Math.expm1(-value * time);
            case Tikhonov(double alpha) -> value -> value / (value + alpha);
            case Landweber(int steps, double rate) ->
                value -> 1 - Math.pow(Math.clamp(1 - rate / largest * value, 0, 1), steps);
        };
    }
}
