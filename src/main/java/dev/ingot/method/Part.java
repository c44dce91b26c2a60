// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/**
 * What is computed of a tensor. Methods {@linkplain MergeMethod#hasMasks with masks} know all parts, the others the model's tensor
 * alone.
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

    /** Whether it takes part in surveys of the model: masks lie where their vector lies. */
    default boolean isSurveyed() {
        return !(this instanceof Mask);
    }

    /** Whether it is stored as bits. */
    default boolean isBits() {
        return this instanceof Mask;
    }
}
