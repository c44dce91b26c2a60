// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes what a golden case has recorded of random numbers as companions of its models. */
final class GoldenCompanions {
    private GoldenCompanions() {}

    /** The keys of a model's entry that name its companions, after writing these below a directory. */
    static Map<String, Path> of(GoldenCase golden, int model, Path temporary) {
        try {
            Path masks = golden.folder().resolve("masks.safetensors");
            if (Files.exists(masks)) {
                Map<String, TestTensor> base = TestCheckpoint.read(golden.family().resolve(golden.models().getFirst()));
                return Map.of("mask", write(masks, "drop" + model + ".", temporary, (name, packed) ->
                        kept(packed, base.get(name))));
            }
            Path uniforms = golden.folder().resolve("uniforms.safetensors");
            return Files.exists(uniforms)
                    ? Map.of("draws", write(uniforms, "u" + model + ".", temporary, (name, tensor) ->
                            new TestTensor(name, tensor.dtype(), tensor.shape(), tensor.data())))
                    : Map.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Unpacking {
        TestTensor tensor(String name, TestTensor recorded);
    }

    private static Path write(Path file, String prefix, Path temporary, Unpacking unpacking) throws IOException {
        List<TestTensor> tensors = new ArrayList<>();
        for (TestTensor recorded : TestCheckpoint.read(file).values()) {
            if (recorded.name().startsWith(prefix)) {
                tensors.add(unpacking.tensor(recorded.name().substring(prefix.length()), recorded));
            }
        }
        Path directory = Files.createTempDirectory(temporary, "companion");
        TestCheckpoint.write(directory, tensors);
        return directory;
    }

    /** 1 where the bit, counted from the most significant one, says that nothing is dropped. */
    private static TestTensor kept(TestTensor packed, TestTensor like) {
        float[] kept = new float[(int) like.shape().elements()];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = 1 - (packed.data()[i / 8] >> 7 - i % 8 & 1);
        }
        return TestTensor.of(like.name(), Dtype.F32, like.shape(), kept);
    }
}
