// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One timed command. Times come from bash's {@code time}, which waits for the whole process tree; memory and disk
 * reads are sampled from {@code /proc} 50 times a second and summed over the tree.
 *
 * @param wall seconds from start to exit
 * @param cpu user and system seconds of the tree
 * @param peakRss largest sum of resident bytes; counts pages of mapped files, which the page cache would hold anyway
 * @param peakAnonymous largest sum of anonymous and shared-memory bytes: what only this command needs (heap, stacks,
 *         buffers, code cache), and what cannot be dropped under pressure
 * @param diskRead bytes that had to come from the disk; near 0 where the inputs were cached
 * @param otherCpu seconds of processor time that the rest of the machine took meanwhile (and the kernel's writeback)
 * @param stolen seconds of processor time that the hypervisor withheld meanwhile
 */
record Timed(double wall, double cpu, long peakRss, long peakAnonymous, long diskRead, double otherCpu,
             double stolen) {

    private static final int SAMPLE_MILLIS = 20;
    /** The tree is looked for in every tenth sample only: that reads all of /proc. */
    private static final int TREE_EVERY = 10;
    /** USER_HZ, fixed in the interface of Linux on every architecture that Ingot runs on. */
    private static final double TICKS = 100;

    /** Runs a command in a folder, its output going to a log. A command that fails is an {@link IOException}. */
    static Timed run(Path folder, Path log, List<String> command) throws IOException, InterruptedException {
        Path times = Files.createTempFile("bench", ".times");
        var all = new ArrayList<>(List.of("bash", "-c",
                "times=$1 log=$2; shift 2; TIMEFORMAT='%R %U %S'; { time \"$@\" >\"$log\" 2>&1; } 2>\"$times\"",
                "timed", times.toString(), log.toString()));
        all.addAll(command);
        try {
            long[] before = ticks();
            var process = new ProcessBuilder(all).directory(folder.toFile()).start();
            var sampler = new Sampler(process.toHandle());
            do {
                sampler.sample();
            } while (!process.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS));
            long[] after = ticks();
            if (process.exitValue() != 0) {
                throw new IOException("exit code " + process.exitValue() + " of " + String.join(" ", command) + "\n"
                        + tail(log));
            }
            String[] seconds = Files.readString(times).trim().split("\\s+");
            double cpu = Double.parseDouble(seconds[1]) + Double.parseDouble(seconds[2]);
            double other = Math.max(0, (after[0] - before[0]) / TICKS - cpu);
            return new Timed(Double.parseDouble(seconds[0]), cpu, sampler.peakRss, sampler.peakAnonymous,
                    sampler.diskRead(), other, (after[1] - before[1]) / TICKS);
        } finally {
            Files.delete(times);
        }
    }

    Map<String, Object> json() {
        var map = new LinkedHashMap<String, Object>();
        map.put("wallSeconds", wall);
        map.put("cpuSeconds", cpu);
        map.put("peakRssBytes", peakRss);
        map.put("peakAnonymousBytes", peakAnonymous);
        map.put("diskReadBytes", diskRead);
        map.put("otherCpuSeconds", otherCpu);
        map.put("stolenCpuSeconds", stolen);
        return map;
    }

    /** Busy and stolen ticks of all processors since boot. */
    private static long[] ticks() throws IOException {
        // cpu user nice system idle iowait irq softirq steal ...
        String[] f = Files.readAllLines(Path.of("/proc/stat")).getFirst().trim().split("\\s+");
        long busy = Long.parseLong(f[1]) + Long.parseLong(f[2]) + Long.parseLong(f[3]) + Long.parseLong(f[6])
                + Long.parseLong(f[7]);
        return new long[] {busy, Long.parseLong(f[8])};
    }

    private static String tail(Path log) throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** Follows a process tree, without its root, which is the bash that keeps the time. */
    private static final class Sampler {
        private final ProcessHandle root;
        private final Set<Long> tree = new HashSet<>();
        private final Map<Long, Long> read = new HashMap<>();
        private int samples;
        private long peakRss;
        private long peakAnonymous;

        Sampler(ProcessHandle root) {
            this.root = root;
        }

        void sample() throws IOException {
            if (samples++ % TREE_EVERY == 0 || tree.isEmpty()) {
                tree.clear();
                root.descendants().forEach(process -> tree.add(process.pid()));
            }
            long rss = 0;
            long anonymous = 0;
            for (long pid : tree) {
                try {
                    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
                        if (line.startsWith("VmRSS:")) {
                            rss += kilobytes(line);
                        } else if (line.startsWith("RssAnon:") || line.startsWith("RssShmem:")) {
                            anonymous += kilobytes(line);
                        }
                    }
                    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/io"))) {
                        if (line.startsWith("read_bytes:")) {
                            read.put(pid, Long.parseLong(line.substring(11).trim()));
                        }
                    }
                } catch (NoSuchFileException e) {
                    // It ended between two samples.
                } catch (IOException e) {
                    if (ProcessHandle.of(pid).isPresent()) {
                        throw e;
                    }
                }
            }
            peakRss = Math.max(peakRss, rss);
            peakAnonymous = Math.max(peakAnonymous, anonymous);
        }

        long diskRead() {
            return read.values().stream().mapToLong(Long::longValue).sum();
        }

        private static long kilobytes(String line) {
            return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
    }
}
