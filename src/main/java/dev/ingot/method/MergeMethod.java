// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/** A merge method. Stateless and thread-safe. */
public interface MergeMethod {
    /** What the method is and takes. */
    MethodSpec spec();

    /**
     * How to compute one output tensor.
     *
     * @throws dev.ingot.error.ConfigException if the parameters make no sense for this tensor
     */
    TensorProgram program(TensorContext context);

    /**
     * Whether models whose tensor has another shape than the base's are left out of that tensor, with a warning. Otherwise they
     * are an error.
     */
    default boolean leavesOutOtherShapes() {
        return false;
    }
}
