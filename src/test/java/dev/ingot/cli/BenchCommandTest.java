// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.KernelBench;
import dev.ingot.checkpoint.TestJson;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ingot bench}: what is measured and how it is answered; the figures themselves are the machine's. */
class BenchCommandTest {
    private static final double WITHIN = 1e-9;

    private static CliRig.Outcome kernels(Object... args) {
        Object[] line = new Object[args.length + 2];
        line[0] = "bench";
        line[1] = "kernels";
        System.arraycopy(args, 0, line, 2, args.length);
        return new CliRig().run(line);
    }

    @Test
    void everyKernelHasARateBesideACopy() {
        CliRig.Outcome outcome = kernels(
                "--backend", "cpu", "--elements", "70001", "--dtype", "bf16", "--rounds", "1", "--json");
        Map<String, Object> answer = outcome.json("ingot.bench.kernels/1");
        assertThat(answer).containsEntry("backend", "cpu").containsKeys("machine", "device", "copy", "transfers");
        List<Object> rates = TestJson.list(answer.get("rates"));
        assertThat(rates.stream().map(rate -> TestJson.object(rate).get("kernel")))
                .containsExactlyElementsOf(KernelBench.kernelNames());
        assertThat(outcome.err().lines()).hasSameSizeAs(rates);
        for (Object item : rates) {
            Map<String, Object> rate = TestJson.object(item);
            double seconds = number(rate, "seconds");
            assertThat(seconds).isPositive();
            assertThat(number(rate, "bytesPerSecond") * seconds / number(rate, "bytes")).isBetween(1 - WITHIN, 1 + WITHIN);
            assertThat(number(rate, "trafficRatio") / number(rate, "ratio") * number(rate, "bytes"))
                    .isBetween(number(rate, "traffic") * (1 - WITHIN), number(rate, "traffic") * (1 + WITHIN));
        }
    }

    @Test
    void bytesAreThoseOfInputsAndOutput() {
        List<Object> rates = TestJson.list(kernels(
                        "--backend", "cpu", "--elements", "1K,2K", "--dtype", "f32", "--kernel", "slerp,ties,convert",
                        "--rounds", "1", "--quiet", "--json")
                .json("ingot.bench.kernels/1").get("rates"));
        assertThat(rates.stream().map(TestJson::object).map(rate -> List.of(rate.get("elements"), rate.get("kernel"),
                        rate.get("output"), rate.get("bytes"), rate.get("traffic"))))
                .containsExactly(
                        List.of(1024L, "slerp", "f32", 12288L, 20480L),
                        List.of(1024L, "ties", "f32", 20480L, 36864L),
                        List.of(1024L, "convert", "bf16", 6144L, 6144L),
                        List.of(2048L, "slerp", "f32", 24576L, 40960L),
                        List.of(2048L, "ties", "f32", 40960L, 73728L),
                        List.of(2048L, "convert", "bf16", 12288L, 12288L));
    }

    /** A round goes over more bytes than caches hold, which takes the reference backend seconds per element type. */
    @ParameterizedTest
    @CsvSource({"cpu, 'bf16,f16,f32', 3", "reference, f32, 1"})
    void theTableHasALineForEachRate(String backend, String dtypes, int lines) {
        CliRig.Outcome outcome = kernels(
                "--backend", backend, "--elements", "100", "--kernel", "linear-2", "--dtype", dtypes, "--rounds", "1", "-j", "1",
                "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out().lines().filter(line -> line.startsWith("linear-2"))).hasSize(lines);
        assertThat(outcome.out()).contains(backend, "memcpy, 1 thread");
    }

    @Test
    void wrongChoicesAreRefused() {
        kernels("--kernel", "tie").refused(2, "no kernel 'tie'", "did you mean 'ties'?");
        kernels("--dtype", "f64").refused(2, "no element type 'f64'", "f");
        kernels("--elements", "many").refused(2, "'many' is no number", "1M");
        kernels("--elements", "0").refused(2, "number of elements is 0", "from 1");
        kernels("--rounds", "0").refused(2, "number of rounds is 0", "from 1");
        kernels("--backend", "abacus").refused(2, "no backend abacus", "cpu");
        new CliRig().run("bench").refused(2, "nothing to measure", "bench kernels");
    }

    private static double number(Map<String, Object> object, String key) {
        return ((Number) object.get(key)).doubleValue();
    }
}
