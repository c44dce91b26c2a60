// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Configurations for tests. */
final class TestConfigs {
    private TestConfigs() {}

    /** A resource below {@code config/}. */
    static String text(String name) {
        try (InputStream in = TestConfigs.class.getResourceAsStream("/config/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The configurations of all golden merges, sorted by name. */
    static List<Path> golden() {
        try {
            Path folder = Path.of(TestConfigs.class.getResource("/config/golden").toURI());
            try (Stream<Path> files = Files.list(folder)) {
                return files.sorted().toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Two models under {@code linear}, with more top-level lines. */
    static MergeConfig linear(String... lines) {
        return parse("merge_method: linear\nmodels: [{model: a}, {model: b}]\n" + String.join("\n", lines) + "\n");
    }

    static MergeConfig parse(String text) {
        return MergeConfig.parse(text, "m.yml");
    }
}
