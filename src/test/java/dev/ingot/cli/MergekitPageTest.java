// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.Ingot;
import dev.ingot.MethodInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;

/** {@code docs/mergekit.md} names everything that mergekit has, and the command line takes it. */
class MergekitPageTest {
    /** The methods of mergekit 0.1.4; others of ours are none of the page's business. */
    private static final Set<String> METHODS = Set.of(
            "arcee_fusion", "breadcrumbs", "breadcrumbs_ties", "dare_linear", "dare_ties", "della", "della_linear", "karcher",
            "linear", "model_stock", "multislerp", "nearswap", "nuslerp", "passthrough", "ram", "ramplus_tl", "sce", "slerp",
            "task_arithmetic", "ties");

    private String page;

    @BeforeEach
    void read() throws IOException {
        page = Files.readString(Path.of("docs/mergekit.md"));
    }

    @Test
    void everyMethodWithItsParameters() {
        List<MethodInfo> methods = Ingot.create().methods().stream()
                .filter(method -> METHODS.contains(method.name()))
                .toList();
        assertThat(methods).hasSameSizeAs(METHODS);
        for (MethodInfo method : methods) {
            String row = page.lines().filter(line -> line.startsWith("| `") && line.split("\\|")[1].contains("`" + method.name() + "`"))
                    .findFirst()
                    .orElse("");
            assertThat(row).as(method.name()).isNotEmpty();
            method.parameters().forEach(parameter -> assertThat(row.contains("the same") ? page : row)
                    .as(method.name())
                    .contains("`" + parameter.name() + "`"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "merge_method", "models", "slices", "sources", "layer_range", "residual_weight", "modules", "base_model", "parameters",
        "dtype", "out_dtype", "tokenizer_source", "tokenizer", "chat_template", "filter", "value", "override_architecture", "name"
    })
    void everyKey(String key) {
        assertThat(page).containsPattern("[`{\\]., ]" + key + "[`},]");
    }

    /** The standard options of mergekit 0.1.4. */
    @ParameterizedTest
    @ValueSource(strings = {
        "--allow-crimes", "--no-allow-crimes", "--transformers-cache", "--lora-merge-cache", "--lora-merge-dtype", "--cuda",
        "--no-cuda", "--device", "--low-cpu-memory", "--no-low-cpu-memory", "--out-shard-size", "--copy-tokenizer",
        "--no-copy-tokenizer", "--clone-tensors", "--no-clone-tensors", "--trust-remote-code", "--no-trust-remote-code",
        "--random-seed", "--lazy-unpickle", "--no-lazy-unpickle", "--write-model-card", "--no-write-model-card",
        "--safe-serialization", "--no-safe-serialization", "-v", "--quiet", "--no-quiet", "--read-to-gpu", "--no-read-to-gpu",
        "--multi-gpu", "--no-multi-gpu", "--num-threads", "-j", "--gpu-rich", "--async-write", "--no-async-write",
        "--write-threads"
    })
    void everyOption(String option) {
        PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
        Context context = new Context(nowhere, nowhere, false, Map.of(), Optional.empty(), action -> {});
        CommandSpec merge = new Cli(context).commands().getSubcommands().get("merge").getCommandSpec();
        assertThat(merge.findOption(option) != null || merge.negatedOptionsMap().containsKey(option)).isTrue();
        assertThat(page).containsPattern("`" + option.replace("--no-", "--(no-)?") + "[` ]");
    }
}
