// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestFamily;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactorsCommandTest {
    @TempDir
    private Path temp;

    private Path config;
    private Path factors;

    @BeforeEach
    void family() throws IOException {
        TestFamily.uniform(temp, Dtype.BF16, 3, 40, 50);
        config = temp.resolve("merge.yml");
        factors = temp.resolve("factors");
        Files.writeString(config, Merges.yaml("smile", "{k: 3}", "a {}", "b {}"));
    }

    @Test
    void writesAFileForEachModel() {
        CliRig.Outcome written = new CliRig().run("factors", config, factors, "--factor-dtype", "bfloat16");
        assertThat(written.code()).as(written.err()).isZero();
        assertThat(written.out()).isEqualTo(factors + "\n");
        for (String model : new String[] {"a", "b"}) {
            Checkpoint file = Checkpoint.open(factors.resolve("factors-" + model + ".safetensors"));
            assertThat(file.tensors().values()).isNotEmpty().allMatch(tensor -> tensor.dtype() == Dtype.BF16);
            assertThat(file.tensors().keySet()).anyMatch(name -> name.endsWith(".weight.down"));
        }
        assertThat(factors.resolve("factors.json")).content().contains("ingot.factors/1");
        assertThat(factors.resolve("model.safetensors")).doesNotExist();
    }

    /** The files are the product's weights, so they are neither overwritten unasked nor left behind by another run. */
    @Test
    void replacesWhatIsThereIfAsked() {
        assertThat(new CliRig().run("factors", config, factors).code()).isZero();
        new CliRig().run("factors", config, factors).refused(2, "already holds", "--overwrite");
        CliRig.Outcome split = new CliRig().run("factors", config, factors, "--overwrite", "--out-shard-size", "2KB");
        assertThat(split.code()).as(split.err()).isZero();
        assertThat(factors.resolve("factors-a.safetensors")).doesNotExist();
        assertThat(factors.resolve("factors-a.safetensors.index.json")).exists();
        assertThat(Checkpoint.open(factors.resolve("factors-a.safetensors.index.json")).tensors()).isNotEmpty();
    }

    @Test
    void refusesMethodsWithoutFactors() throws IOException {
        Files.writeString(config, Merges.yaml("ties", "{}", "a {weight: 1}"));
        new CliRig().run("factors", config, factors).refused(3, "ties has no factors", "smile");
    }

    @Test
    void helpNamesTheMethods() {
        String methods = Methods.load().all().stream()
                .filter(MergeMethod::hasFactors)
                .map(method -> method.spec().name())
                .collect(Collectors.joining(", "));
        assertThat(new CliRig().run("factors", "--help").out()).contains("Methods: " + methods + ".");
    }

    @Test
    void reportsAsJson() {
        assertThat(new CliRig().run("factors", config, factors, "--json").json("ingot.report/1")).isNotEmpty();
    }
}
