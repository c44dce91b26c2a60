// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What came of a command.
 *
 * @param exit    its exit code, -1 if it ran out of time
 * @param seconds how long it took
 * @param out     what it answered
 * @param log     all that it told besides
 */
record Command(int exit, double seconds, String out, Path log) {
    /**
     * Runs a command in the work folder and ends it, with all that it started, when its time is over.
     *
     * @param name   names its files of output
     * @param millis its time
     */
    static Command run(Kit kit, String name, long millis, List<String> line) throws IOException, InterruptedException {
        return run(kit, name, millis, Map.of(), line);
    }

    /** The same with more variables in its environment. */
    static Command run(Kit kit, String name, long millis, Map<String, String> variables, List<String> line)
            throws IOException, InterruptedException {
        Path out = kit.work().resolve(name + ".out");
        Path log = kit.work().resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(line)
                .directory(kit.work().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(log.toFile());
        kit.driver(builder.environment());
        builder.environment().putAll(variables);
        long start = System.nanoTime();
        Process process = builder.start();
        boolean ended = process.waitFor(Math.max(1, millis), TimeUnit.MILLISECONDS);
        if (!ended) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Command(ended ? process.exitValue() : -1, seconds, Files.readString(out), log);
    }

    /**
     * Its answer.
     *
     * @throws StepFailure if it failed
     */
    String answer() throws IOException {
        if (exit != 0) {
            throw new StepFailure(failure());
        }
        return out.strip();
    }

    /** In one line, why it did not succeed. */
    String failure() throws IOException {
        if (exit == -1) {
            return "out of time after " + Math.round(seconds) + " s; see " + log;
        }
        List<String> told = Files.readAllLines(log).stream().filter(line -> !line.isBlank()).toList();
        String error = told.stream().filter(line -> line.startsWith("error: ")).findFirst()
                .orElse(told.isEmpty() ? "nothing said" : told.getLast());
        return "exit code " + exit + ": " + error + "; see " + log;
    }
}
