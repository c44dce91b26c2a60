// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Objects;

/** What a parameter comes to for one tensor. */
public sealed interface Constant {
    /**
     * A number; booleans are 1 and 0.
     *
     * @param value a finite number
     */
    record Number(double value) implements Constant {}

    /**
     * A name, for parameters that are a choice between names.
     *
     * @param text the name as it was written
     */
    record Name(String text) implements Constant {
        /** Refuses null. */
        public Name {
            Objects.requireNonNull(text);
        }
    }
}
