// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.util.ArrayList;
import java.util.List;

/** Where libraries of a CUDA toolkit may be. */
final class CudaToolkit {
    /** Where the toolkit's installer puts the current version; it does not always tell the dynamic linker. */
    private static final String LIBRARIES = "/usr/local/cuda/lib64/";

    private CudaToolkit() {
    }

    /**
     * What to try to open, best first: the newest version wherever the dynamic linker finds it, then in the toolkit's own
     * folder, then the next version.
     *
     * @param file     file name without its version
     * @param versions major versions, best first
     */
    static List<String> names(String file, int... versions) {
        List<String> names = new ArrayList<>();
        for (int version : versions) {
            names.add(file + "." + version);
            names.add(LIBRARIES + file + "." + version);
        }
        return List.copyOf(names);
    }
}
