// SPDX-License-Identifier: Apache-2.0
package dev.ingot.bench;

import dev.ingot.kernel.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks with JMH's own command line, memcpy always among them, and prints each rate beside that of memcpy
 * with as many threads in the same run: by the clock, and by the processor time that the threads got, which other
 * programs disturb less. Started by {@code bench/kernels.sh}.
 */
public final class Main {
    private static final String MEMCPY = MemcpyBenchmark.class.getSimpleName();

    private Main() {}

    /** One benchmark with one set of parameters. */
    private record Row(String name, String parameters, int threads, double rate, double error,
            double processors) {
        static Row of(RunResult run) {
            BenchmarkParams params = run.getParams();
            Result<?> result = run.getSecondaryResults().get("gigabytesPerSecond");
            String[] path = params.getBenchmark().split("\\.");
            return new Row(
                    path[path.length - 2].replace("Benchmark", "") + "." + path[path.length - 1],
                    params.getParamsKeys().stream().map(key -> key + "=" + params.getParam(key))
                            .collect(Collectors.joining(" ")),
                    params.getThreads(), result.getScore(), result.getScoreError(),
                    run.getSecondaryResults().get("processors").getScore());
        }

        double ratePerProcessor() {
            return rate / processors;
        }

        boolean memcpy() {
            return name.startsWith("Memcpy.");
        }
    }

    /** Takes JMH's arguments. */
    public static void main(String[] arguments) throws Exception {
        var commandLine = new CommandLineOptions(arguments);
        if (commandLine.shouldHelp() || commandLine.shouldList()) {
            if (commandLine.shouldHelp()) {
                commandLine.showHelp();
            } else {
                new Runner(commandLine).list();
            }
            return;
        }
        var options = new OptionsBuilder().parent(commandLine);
        // Includes are added to those of the command line; without any, JMH runs everything anyway.
        if (!commandLine.getIncludes().isEmpty()) {
            options.include(MEMCPY);
        }
        // A benchmark that failed must not look like one that nobody asked for.
        options.shouldFailOnError(true);
        Path details = null;
        if (!commandLine.getResult().hasValue()) {
            details = Path.of("target", "kernels.json");
            options.result(details.toString()).resultFormat(ResultFormatType.JSON);
        }
        print(new Runner(options.build()).run());
        if (details != null) {
            System.out.println("every iteration: " + details.toAbsolutePath());
        }
    }

    private static void print(Collection<RunResult> results) throws IOException {
        List<Row> rows = results.stream().map(Row::of).toList();
        System.out.printf(Locale.ROOT, "%n%s, %d cores, JDK %s; %s%n%n", cpu(),
                Runtime.getRuntime().availableProcessors(), Runtime.version(),
                Backends.detect(System.getenv()).all().getFirst().detail());
        System.out.printf(Locale.ROOT, "%-25s %-47s %7s %8s %7s %8s %6s %9s %8s%n", "benchmark", "parameters",
                "threads", "GB/s", "+-", "/memcpy", "cpus", "GB/cpu s", "/memcpy");
        for (Row row : rows) {
            Optional<Row> memcpy = rows.stream().filter(other -> other.memcpy() && other.threads() == row.threads())
                    .findFirst();
            System.out.printf(Locale.ROOT, "%-25s %-47s %7d %8.2f %7.2f %8.2f %6.2f %9.2f %8.2f%n", row.name(),
                    row.parameters(), row.threads(), row.rate(), row.error(),
                    row.rate() / memcpy.map(Row::rate).orElse(Double.NaN), row.processors(), row.ratePerProcessor(),
                    row.ratePerProcessor() / memcpy.map(Row::ratePerProcessor).orElse(Double.NaN));
        }
    }

    private static String cpu() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        List<String> lines = Files.isReadable(info) ? Files.readAllLines(info) : List.of();
        return lines.stream().filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst().orElse(System.getProperty("os.arch"));
    }
}
