// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import dev.ingot.ffi.nativelib.IngotNative;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Opens the libraries in a Java virtual machine of its own: what is loaded stays loaded, also for the next test. */
final class FreshJvm {
    private FreshJvm() {
    }

    /** Runs in the other machine; standard output is the answer. */
    public static void main(String[] arguments) {
        NativeLibrary library = NativeLibrary.open();
        System.out.println(library);
        if (library instanceof NativeLibrary.Loaded) {
            System.out.println("version " + IngotNative.ingot_abi_version());
            System.out.println("again " + NativeLibrary.open().equals(library));
        }
        System.out.println("posix " + Posix.find().isPresent());
    }

    /**
     * @param options       of java, before the class
     * @param environment   added to this process's
     * @param resourceRoots put before the class path
     * @return the lines printed, standard error included
     */
    static List<String> run(List<String> options, Map<String, String> environment, Path... resourceRoots)
            throws IOException, InterruptedException {
        List<String> classPath = new ArrayList<>();
        for (Path root : resourceRoots) {
            classPath.add(root.toString());
        }
        classPath.add(System.getProperty("java.class.path"));
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(options);
        line.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", String.join(File.pathSeparator, classPath),
                FreshJvm.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().remove(NativeLibrary.DIRECTORY_VARIABLE);
        // It makes Java print a line of its own.
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(environment);
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return text.lines().toList();
    }
}
