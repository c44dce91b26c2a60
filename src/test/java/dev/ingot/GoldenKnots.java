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
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/** KnOTS: models that are the base plus recorded adapters, and recorded masks of their coefficients. */
final class GoldenKnots implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("knots");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        throw new GoldenConfig.Unsupported("adapters need a directory");
    }

    @Override
    public String yaml(GoldenCase golden, Path temporary) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        boolean elects = given.get("merge_method").equals("ties");
        String mode = given.get("sign_resolve_mode").toString();
        if (elects && mode.equals("sum_of_signs")) {
            throw new GoldenConfig.Unsupported("signs of singular vectors that belong to the recorded run");
        }
        double dropped = given.get("dare_p") instanceof Number share ? share.doubleValue() : 0;
        GoldenYaml yaml = GoldenYaml.of("knots", golden.models().getFirst());
        try {
            for (int model = 0; model < golden.models().size() - 1; model++) {
                Map<String, Path> mask =
                        dropped == 0 ? Map.of() : Map.of("mask", masks(golden, model, temporary));
                yaml.model(model(golden, model, temporary).toString(), mask);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return yaml.parameter("scaling_coeff", ((List<?>) given.get("scaling_coeffs")).getFirst())
                .parameter("top_k", given.get("topK"))
                .parameter("sign_resolve_mode", elects ? mode : "none")
                .parameter("merging_type", given.get("merging_type").toString().toLowerCase(Locale.ROOT))
                .parameter("dare_p", dropped)
                .parameter("sv_threshold", given.get("sv_threshold"))
                .toString();
    }

    /** The base plus B A of a model's adapters, which all cases share. */
    static Path model(GoldenCase golden, int model, Path temporary) throws IOException {
        SortedMap<String, TestTensor> adapters =
                TestCheckpoint.read(golden.folder().resolveSibling("knots_0/adapters.safetensors"));
        SortedMap<String, TestTensor> tensors = TestCheckpoint.read(base(golden));
        tensors.replaceAll((name, tensor) -> {
            String prefix = "expert" + model + "." + name.replaceAll("[.]weight$", "");
            TestTensor down = adapters.get(prefix + ".lora_A.default.weight");
            TestTensor up = adapters.get(prefix + ".lora_B.default.weight");
            return down == null ? tensor : sum(tensor, up, down);
        });
        return write(temporary, "expert" + model, tensors);
    }

    private static TestTensor sum(TestTensor base, TestTensor up, TestTensor down) {
        double[] values = base.values();
        double[] left = up.values();
        double[] right = down.values();
        int columns = (int) base.shape().dim(1);
        int rank = (int) down.shape().dim(0);
        float[] sum = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            double delta = 0;
            for (int j = 0; j < rank; j++) {
                delta += left[i / columns * rank + j] * right[j * columns + i % columns];
            }
            sum[i] = (float) (values[i] + delta);
        }
        return TestTensor.of(base.name(), base.dtype(), base.shape(), sum);
    }

    /** Masks of the tensors' shapes: rows beyond the rank are those of coefficients that there are not. */
    private static Path masks(GoldenCase golden, int model, Path temporary) throws IOException {
        SortedMap<String, TestTensor> recorded = TestCheckpoint.read(golden.folder().resolve("masks.safetensors"));
        SortedMap<String, TestTensor> tensors = TestCheckpoint.read(base(golden));
        tensors.replaceAll((name, tensor) -> {
            TestTensor mask = recorded.get("keep" + model + "." + name.replaceAll("[.]weight$", ""));
            float[] kept = new float[(int) tensor.shape().elements()];
            for (int i = 0; mask != null && i < mask.data().length; i++) {
                kept[i] = mask.data()[i];
            }
            return TestTensor.of(name, Dtype.F32, tensor.shape(), kept);
        });
        return write(temporary, "mask" + model, tensors);
    }


    private static Path base(GoldenCase golden) {
        return golden.family().resolve(golden.models().getFirst());
    }

    private static Path write(Path temporary, String name, SortedMap<String, TestTensor> tensors) throws IOException {
        Path directory = Files.createTempDirectory(temporary, name);
        TestCheckpoint.write(directory, tensors.values());
        return directory;
    }
}
