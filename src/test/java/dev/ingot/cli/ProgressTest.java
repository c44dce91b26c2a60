// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.MergeProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final StringWriter text = new StringWriter();
    private final PrintWriter err = new PrintWriter(text);

    private static MergeProgress at(long percent, String tensor) {
        return at(percent, tensor, "", 0);
    }

    private static MergeProgress at(long percent, String tensor, String matrix, double share) {
        return new MergeProgress(
                percent * 289_000_000,
                28_900_000_000L,
                percent * 135_000_000,
                13_500_000_000L,
                tensor,
                matrix,
                share,
                Duration.ofSeconds(percent));
    }

    @Test
    void longWorkOnAMatrixIsShown() {
        assertThat(ProgressLine.of(at(40, "model.norm", "lm_head.weight", 0.254), 200)).endsWith("  25 % of lm_head.weight");
    }

    @Test
    void lineHasBytesRateTimeToGoAndTensor() {
        assertThat(ProgressLine.of(at(40, "model.norm"), 200))
                .isEqualTo("read 11.6/28.9 GB  write 5.40/13.5 GB  424 MB/s  eta 0:01:00  model.norm");
        assertThat(ProgressLine.of(at(0, ""), 200)).isEqualTo("read 0.00/28.9 GB  write 0.00/13.5 GB");
        assertThat(ProgressLine.of(at(40, "model.layers.17.self_attn.q_proj.weight"), 79))
                .hasSize(79)
                .endsWith("  model.layers.1...");
    }

    @Test
    void plainHasOneLineForEachTwentieth() {
        PlainProgress progress = new PlainProgress(err);
        for (int percent = 0; percent <= 100; percent++) {
            progress.progress(at(percent, ""));
            progress.progress(at(percent, ""));
        }
        progress.end();
        assertThat(text.toString().lines()).hasSize(20);
        assertThat(text.toString()).startsWith("  5 %  read ").contains("\n100 %  read 28.9/28.9 GB");
    }

    @Test
    void plainSkipsWhatWentByTooFast() {
        PlainProgress progress = new PlainProgress(err);
        progress.progress(at(52, ""));
        progress.progress(at(54, ""));
        progress.progress(at(55, ""));
        assertThat(text.toString().lines().map(line -> line.substring(0, 5))).containsExactly(" 52 %", " 55 %");
    }

    @Test
    void terminalWritesOverItsLineAndLeavesNothing() {
        TerminalProgress progress = new TerminalProgress(err);
        progress.progress(at(40, "a.long.name"));
        progress.progress(at(41, "b"));
        progress.end();
        assertThat(text.toString()).doesNotContain("\n").startsWith("\rread 11.6").endsWith(" \r");
        String[] lines = text.toString().split("\r");
        assertThat(lines[2]).hasSameSizeAs(lines[1]);
        assertThat(lines[3]).isBlank();
    }

    @Test
    void jsonHasOneObjectPerLine() {
        new JsonProgress(err).progress(at(50, "a\"b"));
        assertThat(text.toString()).isEqualToNormalizingNewlines("""
                {"schema":"ingot.progress/1","bytesRead":14450000000,"bytesToRead":28900000000,"bytesWritten":6750000000,\
                "bytesToWrite":13500000000,"tensor":"a\\"b","matrix":"",\
                "matrixShare":0.0,"seconds":50.0}
                """);
    }

    @Test
    void sizesKeepThreeDigits() {
        assertThat(Text.bytes(0)).isEqualTo("0 B");
        assertThat(Text.bytes(999)).isEqualTo("999 B");
        assertThat(Text.bytes(1000)).isEqualTo("1.00 kB");
        assertThat(Text.bytes(9_996_000)).isEqualTo("10.0 MB");
        assertThat(Text.bytes(999_600_000)).isEqualTo("1.00 GB");
        assertThat(Text.bytes(12_345_678_901L)).isEqualTo("12.3 GB");
        assertThat(Text.time(Duration.ofMillis(4210))).isEqualTo("4.21 s");
        assertThat(Text.time(Duration.ofSeconds(3723))).isEqualTo("1:02:03");
    }
}
