// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * SOMF: query and value projections under a recorded mask, on an aligned model, the first of the case. What is stored as "single" is
 * TIES of all three models with weight 1, whatever the case's notes say: the two stored results differ by this factor alone.
 */
final class GoldenSomf implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("somf");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        throw new GoldenConfig.Unsupported("masks need a directory");
    }

    @Override
    public String yaml(GoldenCase golden, Path temporary) throws GoldenConfig.Unsupported {
        String combine = golden.parameters().get("combine").toString();
        Object weight = golden.parameters().get("weight");
        Path mask = mask(golden, temporary);
        List<String> experts = golden.models().subList(1, golden.models().size());
        GoldenYaml yaml = GoldenYaml.of("somf", golden.models().getFirst());
        experts.forEach(expert -> yaml.model(expert, Map.of("mask", mask)));
        yaml.parameter("include", "[{filter: q_proj, value: true}, {filter: v_proj, value: true}, {value: false}]");
        return switch (combine) {
            case "task_arithmetic" -> yaml.parameter("weight", weight).toString();
            case "weight_averaging" -> yaml.parameter("combine", "mean").toString();
            case "ties_merging", "single" -> yaml.parameter("then", "magnitude")
                    .parameter("elect", "mass")
                    .parameter("combine", "disjoint_sum")
                    .parameter("lambda", combine.equals("single") ? 1 : weight)
                    .toString();
            default -> throw new GoldenConfig.Unsupported("combine " + combine);
        };
    }

    /** The mask of the case, or that of task arithmetic, which the others share, as float32. */
    private static Path mask(GoldenCase golden, Path temporary) {
        Path own = golden.folder().resolve("mask.safetensors");
        Path file = Files.exists(own) ? own : golden.folder().resolveSibling("somf_hard_task_arithmetic/mask.safetensors");
        try {
            Path directory = Files.createTempDirectory(temporary, "mask");
            TestCheckpoint.write(directory, TestCheckpoint.read(file).values().stream().map(GoldenSomf::floats).toList());
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TestTensor floats(TestTensor mask) {
        if (mask.dtype() == Dtype.F32) {
            return mask;
        }
        float[] values = new float[mask.data().length];
        for (int i = 0; i < values.length; i++) {
            values[i] = mask.data()[i];
        }
        return TestTensor.of(mask.name(), Dtype.F32, mask.shape(), values);
    }
}
