// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Shape;
import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A small family for methods on whole matrices, with matrices of every form: {@code base}, experts {@code a}, {@code b},
 * {@code c}, {@code same0} and {@code same1} that are the base again, and {@code low0} and {@code low1}, whose deltas have rank
 * {@value #LOW_RANK}.
 */
final class SubspaceFamily {
    static final int LOW_RANK = 3;

    private static final Map<String, Shape> TENSORS = tensors();

    private SubspaceFamily() {}

    private static Map<String, Shape> tensors() {
        Map<String, Shape> tensors = new LinkedHashMap<>();
        tensors.put("tall", Shape.of(300, 40));
        tensors.put("wide", Shape.of(40, 300));
        tensors.put("square", Shape.of(48, 48));
        tensors.put("row", Shape.of(1, 30));
        tensors.put("column", Shape.of(30, 1));
        tensors.put("vector", Shape.of(40));
        tensors.put("kernel", Shape.of(3, 2, 2, 2));
        return tensors;
    }

    static void write(Path root) throws IOException {
        SplittableRandom random = new SplittableRandom(20261122);
        Map<String, float[]> base = new LinkedHashMap<>();
        TENSORS.forEach((name, shape) -> base.put(name, normal(random, shape.elements(), 1)));
        write(root, "base", base, Map.of());
        for (String name : List.of("same0", "same1")) {
            write(root, name, base, Map.of());
        }
        for (String name : List.of("a", "b", "c")) {
            Map<String, float[]> deltas = new LinkedHashMap<>();
            TENSORS.forEach((tensor, shape) -> deltas.put(tensor, normal(random, shape.elements(), 0.1)));
            write(root, name, base, deltas);
        }
        for (String name : List.of("low0", "low1")) {
            Map<String, float[]> deltas = new LinkedHashMap<>();
            TENSORS.forEach((tensor, shape) -> deltas.put(tensor, lowRank(random, shape)));
            write(root, name, base, deltas);
        }
    }

    private static void write(Path root, String model, Map<String, float[]> base, Map<String, float[]> deltas)
            throws IOException {
        List<TestTensor> tensors = new ArrayList<>();
        TENSORS.forEach((name, shape) -> {
            float[] values = base.get(name).clone();
            float[] delta = deltas.getOrDefault(name, new float[values.length]);
            for (int i = 0; i < values.length; i++) {
                values[i] += delta[i];
            }
            tensors.add(TestTensor.of(name, Dtype.F32, shape, values));
        });
        TestCheckpoint.write(root.resolve(model), tensors);
    }

    private static float[] lowRank(SplittableRandom random, Shape shape) {
        if (shape.rank() != 2) {
            return normal(random, shape.elements(), 0.1);
        }
        int rows = (int) shape.dim(0);
        int columns = (int) shape.dim(1);
        float[] delta = new float[rows * columns];
        for (int r = 0; r < Math.min(LOW_RANK, Math.min(rows, columns)); r++) {
            float[] left = normal(random, rows, 0.3);
            float[] right = normal(random, columns, 0.3);
            for (int i = 0; i < delta.length; i++) {
                delta[i] += left[i / columns] * right[i % columns];
            }
        }
        return delta;
    }

    private static float[] normal(SplittableRandom random, long count, double deviation) {
        float[] values = new float[(int) count];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * random.nextGaussian());
        }
        return values;
    }
}
