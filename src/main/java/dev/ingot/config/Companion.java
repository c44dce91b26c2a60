// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Locale;

/** What a further checkpoint is to the merged model that it belongs to. */
public enum Companion {
    /** A number per element that the method multiplies the task vector with, or selects by. */
    MASK,
    /** Uniform random numbers in [0, 1), one per element, instead of those that the run would draw. */
    DRAWS;

    /** Its key in a model's entry. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
