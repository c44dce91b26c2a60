// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small models with a config.json, given by the names of their tensors. */
record ArchFixture(PlanFixture models) {
    ArchFixture(Path directory) {
        this(new PlanFixture(directory));
    }

    /**
     * Writes a model.
     *
     * @param config a JSON object with single quotes, or nothing
     * @param names  tensors of one number each, whose value is the hash of name and model unless it is given as NAME=VALUE
     */
    ArchFixture model(String name, String config, List<String> names) throws IOException {
        List<TestTensor> tensors = new ArrayList<>();
        for (String tensor : names) {
            String[] parts = tensor.split("=");
            float value = parts.length > 1 ? Float.parseFloat(parts[1]) : (name + tensor).hashCode() % 1000;
            tensors.add(TestTensor.vector(parts[0], Dtype.F32, value));
        }
        models.model(name, tensors);
        if (!config.isEmpty()) {
            Files.writeString(models.directory().resolve(name).resolve("config.json"), config.replace('\'', '"'));
        }
        return this;
    }

    Plan plan(String yaml) {
        return models.plan(yaml);
    }

    /** {@code prefix.0.suffix} and so on, layer by layer. */
    static List<String> layers(String prefix, int count, String... suffixes) {
        List<String> names = new ArrayList<>();
        for (int layer = 0; layer < count; layer++) {
            for (String suffix : suffixes) {
                names.add(prefix + "." + layer + "." + suffix);
            }
        }
        return names;
    }

    /** All of them. */
    @SafeVarargs
    static List<String> names(List<String>... parts) {
        List<String> names = new ArrayList<>();
        for (List<String> part : parts) {
            names.addAll(part);
        }
        return names;
    }
}
