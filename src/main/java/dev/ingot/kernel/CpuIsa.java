// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.ffi.nativelib.IngotNative;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An instruction set that the native library was built for. All of them give the same bits. The library must be loaded.
 *
 * @param index     its place in the library's list, worst first
 * @param name      its name, for instance {@code avx2}
 * @param available whether this processor and operating system can run it
 */
record CpuIsa(int index, String name, boolean available) {
    /** All of the library's instruction sets, worst first. */
    static List<CpuIsa> all() {
        return IntStream.range(0, IngotNative.ingot_isa_count()).mapToObj(CpuIsa::at).toList();
    }

    private static CpuIsa at(int index) {
        String name = IngotNative.ingot_isa_name(index).getString(0);
        return new CpuIsa(index, name, IngotNative.ingot_isa_available(index) == 1);
    }

    /** Makes it the one for all later calls of this process. */
    void select() {
        if (IngotNative.ingot_isa_select(index) != IngotNative.INGOT_OK()) {
            throw new IllegalStateException("the native library refused its instruction set " + name);
        }
    }
}
