// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.util.Locale;

/**
 * Operating system and processor, as they appear in the names of bundled native libraries.
 *
 * @param os   {@code linux}, {@code macos}, {@code windows}, or the system's own name in lower case
 * @param arch {@code x86_64}, {@code aarch64}, or Java's own name of the processor in lower case
 */
public record NativePlatform(String os, String arch) {
    /** The machine that runs this. */
    public static NativePlatform current() {
        return of(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    /**
     * @param osName value of the system property {@code os.name}
     * @param osArch value of the system property {@code os.arch}
     */
    static NativePlatform of(String osName, String osArch) {
        String name = osName.toLowerCase(Locale.ROOT);
        String os = name.startsWith("mac") ? "macos" : name.startsWith("windows") ? "windows" : name.replace(' ', '-');
        String processor = osArch.toLowerCase(Locale.ROOT);
        return new NativePlatform(os, processor.equals("amd64") ? "x86_64" : processor);
    }

    /** True where the POSIX bindings, made from 64-bit Linux headers, hold. */
    boolean isLinux64() {
        return os.equals("linux") && (arch.equals("x86_64") || arch.equals("aarch64"));
    }

    /** File name of a shared library, for instance {@code libingot.so}. */
    public String libraryFile(String library) {
        return switch (os) {
            case "windows" -> library + ".dll";
            case "macos" -> "lib" + library + ".dylib";
            default -> "lib" + library + ".so";
        };
    }

    /** Folder name of this platform, for instance {@code linux-x86_64}. */
    @Override
    public String toString() {
        return os + "-" + arch;
    }
}
