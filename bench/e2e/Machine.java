// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What must be known of a machine to compare figures that were taken on it. Linux only. */
final class Machine {

    private Machine() {
    }

    /** Describes this machine, and the file system that holds a folder. */
    static Map<String, Object> describe(Path folder) throws IOException {
        var map = new LinkedHashMap<String, Object>();
        map.put("cpu", cpu());
        map.put("architecture", System.getProperty("os.arch"));
        map.put("cores", Runtime.getRuntime().availableProcessors());
        map.put("isa", isa());
        map.put("memoryBytes", 1024 * meminfo("MemTotal:"));
        map.put("kernel", read("/proc/sys/kernel/osrelease"));
        map.putAll(fileSystem(folder));
        map.put("dirtyBackgroundRatio", read("/proc/sys/vm/dirty_background_ratio"));
        map.put("dirtyRatio", read("/proc/sys/vm/dirty_ratio"));
        map.put("transparentHugePages", read("/sys/kernel/mm/transparent_hugepage/enabled"));
        map.put("governor", read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"));
        map.put("jdk", System.getProperty("java.vendor") + " " + Runtime.version());
        map.put("coreutils", output(folder, "cp", "--version"));
        return map;
    }

    /** The processor's name as the kernel reports it, or the architecture where it reports none. */
    static String cpu() throws IOException {
        return fact("model name").orElse(System.getProperty("os.arch"));
    }

    /** The load averages of the last 1, 5 and 15 minutes. */
    static String load() {
        String line = read("/proc/loadavg");
        return line.substring(0, line.indexOf(' ', line.indexOf(' ', line.indexOf(' ') + 1) + 1));
    }

    /** A figure of /proc/meminfo in kB. */
    static long meminfo(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream().filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", ""))).findFirst().orElse(0);
    }

    /** The first line that a command prints, or "unknown" where it cannot be run. */
    static String output(Path folder, String... command) {
        try {
            var process = new ProcessBuilder(command).directory(folder.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String text = new String(process.getInputStream().readAllBytes()).strip();
            return process.waitFor() == 0 && !text.isEmpty() ? text.lines().findFirst().orElseThrow() : "unknown";
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }

    private static Optional<String> fact(String key) throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip()).findFirst();
    }

    /** The vector extensions that decide which kernels run. */
    private static String isa() throws IOException {
        var telling = List.of("avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512_bf16", "asimd", "asimdhp", "bf16",
                "sve");
        // x86 kernels call them flags, Arm kernels Features.
        var flags = new HashSet<>(List.of((fact("flags").orElse("") + " " + fact("Features").orElse("")).split(" ")));
        return String.join(" ", telling.stream().filter(flags::contains).toList());
    }

    /** Type, options, device and readahead of the mount with the longest path that holds the folder. */
    static Map<String, Object> fileSystem(Path folder) throws IOException {
        String[] best = null;
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            // id parent major:minor root mount-point options [tags] - type source super-options (man 5 proc)
            String[] fields = line.split(" ");
            if (folder.toRealPath().startsWith(fields[4]) && (best == null || fields[4].length() >= best[4].length())) {
                best = fields;
            }
        }
        int dash = Arrays.asList(best).indexOf("-");
        var map = new LinkedHashMap<String, Object>();
        map.put("fileSystem", best[dash + 1]);
        map.put("device", best[dash + 2]);
        map.put("mountOptions", best[5] + "," + best[dash + 3]);
        map.put("readaheadKiB", read("/sys/class/bdi/" + best[2] + "/read_ahead_kb"));
        return map;
    }

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
