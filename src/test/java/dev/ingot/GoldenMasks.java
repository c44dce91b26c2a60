// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.Shape;
import dev.ingot.checkpoint.TestJson;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** EMR-Merging, TALL-masks, Consensus Merging and magnitude masking: models, or vector and masks of all tasks. */
final class GoldenMasks implements GoldenTranslation {
    private static final String PREFIX = "mask.";

    @Override
    public Set<String> methods() {
        return Set.of("emr", "tall_masks", "consensus", "mag_masking");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        GoldenYaml yaml = GoldenYaml.of(golden.method(), golden.models().getFirst());
        for (int task = 0; task < golden.models().size() - 1; task++) {
            Map<String, Object> own = new TreeMap<>();
            if (given.get("task") instanceof Number marked && marked.intValue() == task) {
                own.put("task", true);
            }
            if (given.get("lambda_per_task") instanceof List<?> lambdas) {
                own.put("mask_lambda", lambdas.get(task));
            }
            yaml.model(golden.models().get(task + 1), Map.of("parameters", own.toString().replace("=", ": ")));
        }
        switch (golden.method()) {
            case "emr" -> yaml.parameter("rescale", given.get("rescale").equals("global") ? "global" : "tensor_mean");
            case "mag_masking" -> yaml.parameter("density", ((Number) given.get("K")).doubleValue() / 100);
            default -> {
                if (given.get("multi_task_vector").equals("ties K=20 dis-sum")) {
                    yaml.parameter("sparsify", "magnitude")
                            .parameter("density", 0.2)
                            .parameter("elect", "mass")
                            .parameter("combine", "disjoint_sum");
                }
                put(yaml, "mask_lambda", given.get("lambda"));
                put(yaml, "prun_thre_k", given.get("prun_thre_k"));
                put(yaml, "lambda", given.get("alpha"));
            }
        }
        return yaml.toString();
    }

    private static void put(GoldenYaml yaml, String name, Object value) {
        if (value != null) {
            yaml.parameter(name, value);
        }
    }

    /** Whether vector and masks are expected instead of a model. */
    static boolean applies(GoldenCase golden) throws IOException {
        return TestCheckpoint.read(golden.expected()).keySet().stream().anyMatch(name -> name.startsWith(PREFIX));
    }

    /** The vector, and for each tensor the masks of all tasks one after the other in one row of bits, as the cases store them. */
    static SortedMap<String, TestTensor> read(GoldenCase golden, Path output) throws IOException {
        SortedMap<String, TestTensor> vector = TestCheckpoint.read(output.resolve("unified.safetensors"));
        List<Map<String, TestTensor>> masks = new ArrayList<>();
        for (String task : golden.models().subList(1, golden.models().size())) {
            masks.add(TestCheckpoint.read(output.resolve("mask-" + task + ".safetensors")));
        }
        SortedMap<String, TestTensor> found = new TreeMap<>(vector);
        vector.forEach((name, tensor) -> {
            int elements = (int) tensor.shape().elements();
            byte[] bits = new byte[Math.ceilDiv(elements * masks.size(), 8)];
            for (int task = 0; task < masks.size(); task++) {
                byte[] own = masks.get(task).get(name).data();
                assertThat(own).as(name).hasSize(Math.ceilDiv(elements, 8));
                for (int i = 0; i < elements; i++) {
                    int at = task * elements + i;
                    bits[at / 8] |= (byte) ((own[i / 8] >> 7 - i % 8 & 1) << 7 - at % 8);
                }
            }
            found.put(PREFIX + name, new TestTensor(PREFIX + name, Dtype.U8, Shape.of(bits.length), bits));
        });
        checkRescalers(golden, output);
        return found;
    }

    private static void checkRescalers(GoldenCase golden, Path output) {
        Map<String, Object> json = TestJson.object(TestJson.read(golden.folder().resolve(GoldenCase.FILE_NAME)));
        List<Object> expected = TestJson.list(TestJson.object(json.getOrDefault("scalars", Map.of()))
                .getOrDefault("rescalers", List.of()));
        List<Object> found =
                ModelConfig.read(output.resolve("masks.json")).list("rescalers").orElseThrow();
        for (int task = 0; task < expected.size(); task++) {
            assertThat(((Number) found.get(task)).doubleValue())
                    .as("rescaler of task " + task)
                    .isCloseTo(((Number) expected.get(task)).doubleValue(), within(golden.tolerance()));
        }
    }
}
