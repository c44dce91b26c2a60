// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;

/** Parameters that count something. */
final class WholeNumber {
    private WholeNumber() {}

    /**
     * The value of a global parameter.
     *
     * @throws ConfigException if it has a fraction
     */
    static int of(TensorContext tensor, String name) {
        double value = tensor.globals().number(name);
        if (value != Math.rint(value)) {
            throw new ConfigException(
                    "parameter '" + name + "' is " + value + " for tensor " + tensor.name(), "give a whole number");
        }
        return (int) value;
    }
}
