// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which operations on whole matrices go to a GPU. Unlike those of kernels, their results differ from the host's by rounding. */
public enum MatrixUse {
    /** Those that take longer on the host than there with the way to and fro. */
    AUTO,
    /** All that can. */
    ALL,
    /** None. */
    NONE;

    /** Environment variable that chooses one. */
    public static final String VARIABLE = "INGOT_CUDA_MATRICES";

    /** By the value of {@value #VARIABLE}, which may be empty; nothing if it names none. */
    static Optional<MatrixUse> of(String value) {
        return Arrays.stream(values())
                .filter(use -> value.isEmpty() ? use == AUTO : use.toString().equals(value))
                .findFirst();
    }

    /** All names. */
    static String names() {
        return Arrays.stream(values()).map(MatrixUse::toString).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
