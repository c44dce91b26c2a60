// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.checkpoint.Shape;
import java.util.Locale;

/**
 * What is computed of a tensor. Methods {@linkplain MergeMethod#hasMasks with masks} know vector and masks, those {@linkplain
 * MergeMethod#hasFactors with factors} these, and all know the model's tensor.
 */
public sealed interface Part {
    /** The merged model's tensor. */
    record Model() implements Part {}

    /** The one task vector of all models: what is added to the base where a mask lets it. */
    record Vector() implements Part {}

    /**
     * The elements of the vector that belong to one model: a bit each in row-major order, eight to a byte from the highest bit on,
     * filled up with zeros.
     *
     * @param task the model's place among the merged ones
     */
    record Mask(int task) implements Part {}

    /**
     * A small tensor that stands for what one model changes of the tensor.
     *
     * @param task  the model's place among the merged ones
     * @param kind  which of them
     * @param shape its shape
     */
    record Factor(int task, Kind kind, Shape shape) implements Part {
        /** What a factor is. The tensor is m x n. */
        public enum Kind {
            /** Left vectors, m x k. */
            UP,
            /** Right vectors times singular values as rows, k x n, so that up times down is the change. */
            DOWN,
            /** Rows by which inputs are routed. */
            ROUTER,
            /** The change itself, of the tensor's shape. */
            DIFFERENCE
        }

        /** Columns of the tensor's length. */
        static Factor columns(Kind kind, TensorContext context, int task, int count) {
            return new Factor(task, kind, Shape.of(context.shape().dim(0), count));
        }

        /** Rows of the tensor's length. */
        static Factor rows(Kind kind, TensorContext context, int task, int count) {
            return new Factor(task, kind, Shape.of(count, context.shape().dim(1)));
        }

        /** What a model changes. */
        public static Factor difference(TensorContext context, int task) {
            return new Factor(task, Kind.DIFFERENCE, context.shape());
        }

        /** The end of its name, behind that of the tensor. */
        public String suffix() {
            return "." + kind.name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether it takes part in surveys of the model: masks lie where their vector lies, factors belong to tensors. */
    default boolean isSurveyed() {
        return !(this instanceof Mask || this instanceof Factor);
    }

    /** Whether it is stored as bits. */
    default boolean isBits() {
        return this instanceof Mask;
    }
}
