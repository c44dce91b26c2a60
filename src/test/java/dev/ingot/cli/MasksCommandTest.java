// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.Merges;
import dev.ingot.fixture.TestFamily;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MasksCommandTest {
    @TempDir
    private Path temp;

    private Path config;
    private Path masks;
    private Path out;

    @BeforeEach
    void family() throws IOException {
        TestFamily.uniform(temp, Dtype.BF16, 3, 40, 50);
        config = temp.resolve("merge.yml");
        masks = temp.resolve("masks");
        out = temp.resolve("out");
        Files.writeString(config, Merges.yaml("emr", "{}", "a {task: true}", "b {}"));
    }

    @Test
    void writesMasksAndRebuildsAModel() {
        CliRig.Outcome written = new CliRig().run("masks", config, masks);
        assertThat(written.code()).as(written.err()).isZero();
        assertThat(written.out()).isEqualTo(masks + "\n");
        Path base = temp.resolve("base");
        CliRig.Outcome rebuilt = new CliRig().run("reconstruct", masks, out, "--base", base, "--task", "a");
        assertThat(rebuilt.code()).as(rebuilt.err()).isZero();
        assertThat(rebuilt.out()).isEqualTo(out + "\n");
        Path direct = temp.resolve("direct");
        assertThat(new CliRig().run("merge", config, direct).code()).isZero();
        assertThat(out.resolve("model.safetensors")).hasSameBinaryContentAs(direct.resolve("model.safetensors"));
    }

    @Test
    void types() {
        assertThat(new CliRig().run("masks", config, masks, "--vector-dtype", "bfloat16").code()).isZero();
        assertThat(new CliRig()
                        .run("reconstruct", masks, out, "--base", temp.resolve("base"), "--task=b", "--out-dtype=float32")
                        .code())
                .isZero();
        assertThat(Checkpoint.open(out).tensors().values()).allMatch(tensor -> tensor.dtype() == Dtype.F32);
        assertThat(out.resolve("config.json")).content().contains("float32");
    }

    @Test
    void reportsAsJson() {
        assertThat(new CliRig().run("masks", config, masks, "--json").json("ingot.report/1"))
                .containsEntry("method", "emr")
                .containsKey("rescalers");
        assertThat(new CliRig()
                        .run("reconstruct", masks, out, "--base", temp.resolve("base"), "--task", "a", "--json")
                        .json("ingot.report/1"))
                .containsEntry("method", "reconstruct");
    }

    /** Merges that others use stay models; the last one becomes vector and masks. */
    @Test
    void masksOfWhatOtherMergesMake() throws IOException {
        Files.writeString(
                config,
                "name: mean\nmerge_method: linear\nmodels: [{model: b}, {model: c}]\nparameters: {weight: 1}\n---\n"
                        + "merge_method: tall_masks\nbase_model: base\nmodels: [{model: a}, {model: mean}]\n");
        CliRig.Outcome outcome = new CliRig().run("masks", config, masks);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(masks.resolve("mask-mean.safetensors")).exists();
        assertThat(temp).isDirectoryNotContaining("glob:**.stages.tmp");
    }

    @Test
    void refusals() throws IOException {
        Path base = temp.resolve("base");
        new CliRig().run("masks", config, masks, "--vector-dtype", "int4").refused(3, "int4", "bfloat16");
        new CliRig().run("reconstruct", masks, out, "--base", base, "--task", "a").refused(4, "masks.json", "ingot masks");
        assertThat(new CliRig().run("masks", config, masks).code()).isZero();
        new CliRig().run("reconstruct", masks, out, "--base", base, "--task", "c").refused(2, "'c'", "its tasks are a, b");
        new CliRig().run("masks", config, masks).refused(2, "already holds", "--overwrite");
        Files.writeString(config, Merges.yaml("ties", "{}", "a {weight: 1}", "b {weight: 1}"));
        new CliRig().run("masks", config, out).refused(3, "ties has no masks", "emr");
    }
}
