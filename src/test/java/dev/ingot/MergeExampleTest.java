// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergeExampleTest {
    private static final Path SOURCE = Path.of("src/test/java/dev/ingot/MergeExample.java");

    @Test
    void mergesWhatTheConfigurationSays(@TempDir Path temp) throws IOException {
        TestFamily.uniform(temp, Dtype.BF16, 2, 30, 20);
        Path config = temp.resolve("merge.yml");
        Files.writeString(config, Merges.yaml("ties", "{}", "a {weight: 1}", "b {weight: 1}"));
        MergeExample.merge(config, temp.resolve("out"));
        assertThat(Checkpoint.open(temp.resolve("out")).tensors()).hasSize(2);
    }

    @Test
    void theReadmeShowsIt() {
        List<String> lines = RepositoryFiles.text(SOURCE).lines().toList();
        int start = lines.indexOf("        // @start region=\"example\"");
        int end = lines.indexOf("        // @end");
        String example = String.join("\n", lines.subList(start + 1, end)).stripIndent();
        assertThat(RepositoryFiles.text(Path.of("README.md"))).contains("```java\n" + example + "\n```\n");
        assertThat(end - start).isLessThan(17);
    }
}
