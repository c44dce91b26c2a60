// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.config.MergeConfig;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import dev.ingot.method.Methods;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small models below a directory, and plans made from them. */
record PlanFixture(Path directory) {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String HEAD = "lm_head.weight";
    static final String NORM = "model.norm.weight";

    /** Writes a model with two tensors per layer, of one type. */
    PlanFixture model(String name, Dtype dtype, int layers, boolean head) throws IOException {
        List<TestTensor> tensors = new ArrayList<>();
        tensors.add(TestTensor.of(EMBEDDING, dtype, Shape.of(6, 4), new float[24]));
        for (int layer = 0; layer < layers; layer++) {
            tensors.add(TestTensor.of(attention(layer), dtype, Shape.of(4, 4), new float[16]));
            tensors.add(TestTensor.of(mlp(layer), dtype, Shape.of(8, 4), new float[32]));
        }
        tensors.add(TestTensor.of(NORM, dtype, Shape.of(4), new float[4]));
        if (head) {
            tensors.add(TestTensor.of(HEAD, dtype, Shape.of(6, 4), new float[24]));
        }
        return model(name, tensors);
    }

    PlanFixture model(String name, List<TestTensor> tensors) throws IOException {
        TestCheckpoint.write(directory.resolve(name), tensors);
        return this;
    }

    static String attention(int layer) {
        return "model.layers." + layer + ".self_attn.o_proj.weight";
    }

    static String mlp(int layer) {
        return "model.layers." + layer + ".mlp.up_proj.weight";
    }

    Plan plan(String yaml) {
        return new Planner(Methods.load()).plan(request(yaml));
    }

    Plan plan(PlanRequest request) {
        return new Planner(Methods.load()).plan(request);
    }

    PlanRequest request(String yaml) {
        return request(yaml, "0", 1, 2, 512L << 20, "out");
    }

    PlanRequest request(String yaml, String shardSize, long seed, int threads, long memory, String output) {
        return new PlanRequest(
                MergeConfig.parse(yaml, "test.yml"),
                List.of(directory),
                Map.of(),
                directory.resolve(output),
                ShardSize.parse(shardSize),
                seed,
                Rng.PHILOX,
                threads,
                memory,
                false,
                false);
    }

    /** The planned tensors by name. */
    static Map<String, PlannedTensor> tensors(Plan plan) {
        Map<String, PlannedTensor> byName = new LinkedHashMap<>();
        plan.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
        return byName;
    }

    /** A parameter of one merged model. */
    static double parameter(Plan plan, String tensor, int model, String name) {
        return tensors(plan).get(tensor).context().models().get(model).parameters().number(name);
    }

    /** A parameter of the merge. */
    static double parameter(Plan plan, String tensor, String name) {
        return tensors(plan).get(tensor).context().globals().number(name);
    }

    /** Which tensors of which model make a tensor, as {@code model:tensor}, the base in front. */
    static List<String> inputs(Plan plan, String tensor) {
        PlannedTensor planned = tensors(plan).get(tensor);
        List<String> inputs = new ArrayList<>();
        planned.base().ifPresent(ref -> inputs.add(ref.file().getParent().getFileName() + ":" + ref.name()));
        planned.models().forEach(ref -> inputs.add(ref.file().getParent().getFileName() + ":" + ref.name()));
        return inputs;
    }
}
