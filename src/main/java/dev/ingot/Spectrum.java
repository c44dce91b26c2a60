// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Singular values of the matrices of some models.
 *
 * @param models   the models
 * @param base     what was subtracted from each
 * @param matrices their tensors of two dimensions, by name
 * @param layers   overlaps of models by layer, of several models with a base; else empty
 * @param memory   anonymous memory that was planned, in bytes
 * @param warnings what was left out and why, one line each
 */
public record Spectrum(
        List<Path> models, Optional<Path> base, List<Matrix> matrices, List<Layer> layers, long memory,
        List<String> warnings) {
    /** Copies the lists. */
    public Spectrum {
        models = List.copyOf(models);
        matrices = List.copyOf(matrices);
        layers = List.copyOf(layers);
        warnings = List.copyOf(warnings);
    }

    /**
     * One tensor.
     *
     * @param tensor   its name
     * @param rows     first dimension
     * @param cols     second dimension
     * @param values   one per model, in their order; empty if a model lacks it or has NaN or infinity in it
     * @param overlaps of each pair of models
     */
    public record Matrix(String tensor, int rows, int cols, List<Optional<Values>> values, List<Overlap> overlaps) {
        /** Copies the lists. */
        public Matrix {
            values = List.copyOf(values);
            overlaps = List.copyOf(overlaps);
        }
    }

    /**
     * What the singular values of a matrix say.
     *
     * @param leading       the largest of them, descending
     * @param nuclear       their sum
     * @param frobenius     the root of the sum of their squares
     * @param effectiveRank exp of the entropy of the values divided by their sum; 0 of a matrix of zeros
     * @param stableRank    sum of the squares over the square of the largest; 0 of a matrix of zeros
     */
    public record Values(
            List<Double> leading, double nuclear, double frobenius, double effectiveRank, double stableRank) {
        /** Copies the list. */
        public Values {
            leading = List.copyOf(leading);
        }

        /** The largest one. */
        public double largest() {
            return leading.getFirst();
        }
    }

    /**
     * How much two models change the same directions.
     *
     * @param first  index of a model
     * @param second index of a later one
     * @param share  of the k leading left singular vectors of the one, the part within those of the other, from 0 to 1: {@code
     *               |u_i^T u_j|^2 / k}; about k / rows for random ones. Empty if one of both has no direction
     */
    public record Overlap(int first, int second, OptionalDouble share) {}

    /**
     * The matrices of one layer.
     *
     * @param name     what stands before the number in their names, and the number, such as {@code model.layers.3}; or
     *                 {@code others} for what is outside of layers
     * @param layer    the number
     * @param overlaps means over the layer's matrices, of each pair of models
     */
    public record Layer(String name, OptionalInt layer, List<Overlap> overlaps) {
        /** Copies the list. */
        public Layer {
            overlaps = List.copyOf(overlaps);
        }
    }
}
