// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

/**
 * How two losses are weighed against each other from step to step: constant weights, or those of the multiple gradient descent
 * algorithm (MGDA, arXiv 1810.04650) for two tasks, smoothed.
 *
 * @param alpha   weight of the first loss; the second has what lacks to 1. With MGDA: at the start
 * @param mgda    whether the weights follow the gradients
 * @param emaBeta with MGDA: share of the weights that stays in each step
 */
public record LossBalance(double alpha, boolean mgda, double emaBeta) {
    /** The weight where one gradient dominates, as in the authors' solver. */
    private static final double MOST = 0.999;

    /**
     * What both gradients' dot products are.
     *
     * @param first  value of the first loss
     * @param second value of the second loss
     * @param g11    squared norm of the first gradient
     * @param g12    product of both
     * @param g22    squared norm of the second
     */
    record Products(double first, double second, double g11, double g12, double g22) {}

    /** The weight of the first loss in the next step, given that of the last one. */
    double next(double weight, Products products) {
        // A loss of 0 has no gradient that could be normalised by it.
        return mgda && products.first() > 0 && products.second() > 0
                ? emaBeta * weight + (1 - emaBeta) * shortest(products)
                : weight;
    }

    /** The weight of the shortest vector between both gradients, each divided by its loss. */
    private static double shortest(Products products) {
        double a = products.g11() / (products.first() * products.first());
        double b = products.g12() / (products.first() * products.second());
        double c = products.g22() / (products.second() * products.second());
        if (b >= a) {
            return MOST;
        }
        return b >= c ? 1 - MOST : (c - b) / (a + c - 2 * b);
    }
}
