// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Text that is made to hurt ends in an error, soon. */
class HostileYamlTest {
    /** Processor time, not wall time, so that a busy machine fails nothing. Quadratic reading takes many times that. */
    private static final Duration SOON = Duration.ofSeconds(4);
    private static final int LARGE = SourceText.LARGEST - 100;

    private static String laughs(int levels) {
        StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < levels; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [")
                    .append(("*a" + (i - 1) + ", ").repeat(10)).append("]\n");
        }
        return text.toString();
    }

    private static String mergedLaughs(int levels) {
        StringBuilder text = new StringBuilder("a0: &a0 {k: v}\n");
        for (int i = 1; i < levels; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" {<<: [")
                    .append(("*a" + (i - 1) + ", ").repeat(10)).append("], k").append(i).append(": v}\n");
        }
        return text.toString();
    }

    private static String aliasLadder(int levels) {
        StringBuilder text = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < levels; i++) {
            text.append("a").append(i).append(": &a").append(i).append(" [*a").append(i - 1).append("]\n");
        }
        return text.toString();
    }

    static Stream<Arguments> texts() {
        return Stream.of(
                arguments("billion laughs", laughs(10), "with its aliases written out (m.yml:6:"),
                arguments("laughs by merge keys", mergedLaughs(10), "with its aliases written out (m.yml:"),
                arguments("ladder of aliases", aliasLadder(100), "nested deeper than 64 levels (m.yml:63:12)"),
                arguments("flow lists", "[".repeat(10_000), "nested deeper than 64 levels (m.yml:1:65)"),
                arguments("flow mappings", "{a: ".repeat(10_000), "nested deeper than 64 levels (m.yml:1:"),
                arguments("block lists", "- ".repeat(10_000) + "x", "nested deeper than 64 levels (m.yml:1:129)"),
                arguments("complex keys", "? ".repeat(10_000) + "x", "nested deeper than 64 levels (m.yml:1:129)"),
                arguments("alias of itself", "a: &a [*a]", "stands inside of what it refers to (m.yml:1:8)"),
                arguments("alias of its mapping", "&a {b: *a}", "stands inside of what it refers to (m.yml:1:8)"),
                arguments("alias of nothing", "a: *b", "alias '*b' has no anchor before it (m.yml:1:4)"),
                arguments("anchor defined twice", "a: &a 1\nb: &a 2", "anchor '&a' is defined twice (m.yml:2:4)"),
                arguments("merge of a scalar", "<<: 1", "'<<' needs a mapping or a list of mappings"),
                arguments("two merge keys", "<<: {a: 1}\n<<: {b: 1}", "key '<<' is given twice"),
                arguments("NUL", "a: \0", "YAML allows no character U+0000 (m.yml:1:4)"),
                arguments("lone surrogate", "a:\n  b\uD800", "YAML allows no character U+D800 (m.yml:2:"),
                arguments("line separator", "a: b\n c\u2028d", "U+2028 is a line break for mergekit (YAML 1.1) but not"
                        + " in YAML 1.2 (m.yml:2:3)"),
                arguments("next line", "# \u0085a: b", "U+0085 is a line break for mergekit"),
                arguments("too large", " ".repeat(100 << 20), "the configuration is larger than 4 MiB (m.yml)"),
                arguments("many items", "[" + "1,".repeat(LARGE / 2) + "]", "more than 500000 nodes"),
                arguments("many keys", keys(), ""),
                arguments("blanks", " ".repeat(LARGE), "empty"),
                arguments("tabs", "\t".repeat(LARGE), ""),
                arguments("lines", "\n".repeat(LARGE), "empty"),
                arguments("comments", "#\n".repeat(LARGE / 2), "empty"),
                arguments("one comment", "#".repeat(LARGE), "empty"),
                arguments("one scalar", "x".repeat(LARGE), "must be a mapping, found 'xxx"),
                arguments("one quoted scalar", "\"" + "x".repeat(LARGE), "YAML syntax"),
                arguments("escapes", "\"" + "\\".repeat(LARGE), ""),
                arguments("folded scalar", ">\n" + " x\n".repeat(LARGE / 3), ""),
                arguments("words", "x ".repeat(LARGE / 2), ""),
                arguments("plain lines", "x\n".repeat(LARGE / 2), ""),
                arguments("colons", ": ".repeat(LARGE / 2), ""),
                arguments("question marks", "?".repeat(LARGE), ""),
                arguments("anchors", "&a ".repeat(LARGE / 3), ""),
                arguments("one anchor", "&" + "a".repeat(LARGE), ""),
                arguments("one tag", "!" + "a".repeat(LARGE), ""),
                arguments("tag escapes", "!" + "%41".repeat(LARGE / 3), ""),
                arguments("directives", "%A b\n".repeat(LARGE / 5), ""),
                arguments("documents", "---\n".repeat(LARGE / 4), "second YAML document"),
                arguments("long number",
                        "merge_method: x\nmodels: [{model: a}]\nparameters: {t: " + "7".repeat(LARGE / 2) + "}",
                        "'t' must be a number"),
                arguments("huge version", "%YAML 99999999999.1\n--- x", ""));
    }

    private static String keys() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400_000; i++) {
            text.append("k").append(i).append(": 1\n");
        }
        return text.toString();
    }

    private static long processorTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void endsInAnErrorSoon(String name, String text, String message) {
        long start = processorTime();
        ConfigException error = catchThrowableOfType(ConfigException.class, () -> TestConfigs.parse(text));
        assertThat(Duration.ofNanos(processorTime() - start)).isLessThan(SOON);
        assertThat(error).as(name).isNotNull().hasMessageContaining(message);
        assertThat(error.getMessage()).hasSizeLessThan(400).doesNotContain("\n");
        assertThat(error.hint()).hasSizeLessThan(400).doesNotContain("\n");
    }

    @Test
    void aLargeFileIsNotRead(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("big.yml");
        try (RandomAccessFile big = new RandomAccessFile(file.toFile(), "rw")) {
            big.setLength(100L << 30);
        }
        long start = processorTime();
        assertThatThrownBy(() -> MergeConfig.load(file))
                .isInstanceOf(ConfigException.class)
                .hasMessage("the configuration is larger than 4 MiB (" + file + ")");
        assertThat(Duration.ofNanos(processorTime() - start)).isLessThan(SOON);
    }

    /** What real configurations may need stays allowed. */
    @Test
    void theLimitsLeaveRoom() {
        StringBuilder text = new StringBuilder("merge_method: linear\nmodels: [{model: a}]\ntokenizer:\n  tokens:\n");
        for (int i = 0; i < 50_000; i++) {
            text.append("    tok").append(i).append(": {source: a, force: true}\n");
        }
        assertThat(TestConfigs.parse(text.toString()).tokenizer().orElseThrow().tokens()).hasSize(50_000);
    }
}
