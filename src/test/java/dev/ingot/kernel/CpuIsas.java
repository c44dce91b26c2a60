// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.List;

/** The instruction sets that tests can force here. */
public final class CpuIsas {
    private CpuIsas() {}

    /** Names of those that the native library offers and this processor runs; call it only where the library loads. */
    public static List<String> available() {
        return CpuIsa.all().stream().filter(CpuIsa::available).map(CpuIsa::name).toList();
    }
}
