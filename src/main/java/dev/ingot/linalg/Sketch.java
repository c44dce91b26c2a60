// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * How a truncated decomposition is searched for.
 *
 * @param seed      key of the random numbers (Philox); the result is a function of it and of the matrix
 * @param tolerance largest |a v - s u| of a vector pair, relative to the largest singular value, that is accepted; beyond it
 *                  the full decomposition is computed instead
 */
public record Sketch(long seed, double tolerance) {
    /** With a tolerance that is some hundred times the rounding error of the elements. */
    public static Sketch of(long seed, Precision precision) {
        return new Sketch(seed, precision == Precision.F32 ? 1e-5 : 1e-12);
    }
}
