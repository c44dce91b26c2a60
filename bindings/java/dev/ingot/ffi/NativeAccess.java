// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.util.Optional;

/** Whether this Java virtual machine lets Ingot call native code. */
public final class NativeAccess {
    private NativeAccess() {
    }

    /**
     * Why native code must not be called, or empty if it may.
     *
     * @return one line that names the exact flag to start Java with
     */
    public static Optional<String> refusal() {
        Module module = NativeAccess.class.getModule();
        if (module.isNativeAccessEnabled()) {
            return Optional.empty();
        }
        String name = module.isNamed() ? module.getName() : "ALL-UNNAMED";
        return Optional.of("native access is not enabled: start Java with --enable-native-access=" + name);
    }
}
