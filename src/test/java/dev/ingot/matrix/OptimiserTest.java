// SPDX-License-Identifier: Apache-2.0
package dev.ingot.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.ReferenceBackend;
import dev.ingot.kernel.Tile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Optimisers against torch's rules, written in float64, on a badly scaled quadratic function. */
class OptimiserTest {
    private static final int SIZE = 1000;
    private static final int STEPS = 50;

    /** One element of a torch optimiser. */
    private interface Rule {
        double step(int t, double value, double gradient, double[] state);
    }

    /** An optimiser and its rule. */
    record Pair(Optimiser optimiser, Rule rule) {}

    private static Rule adam(Adam of) {
        return (t, value, gradient, state) -> {
            double v = value;
            double g = gradient;
            if (of.decoupled()) {
                v *= 1 - of.rate() * of.decay();
            } else {
                g += of.decay() * v;
            }
            state[0] = of.beta1() * state[0] + (1 - of.beta1()) * g;
            state[1] = of.beta2() * state[1] + (1 - of.beta2()) * g * g;
            double mean = state[0] / (1 - Math.pow(of.beta1(), t));
            double square = state[1] / (1 - Math.pow(of.beta2(), t));
            return v - of.rate() * mean / (Math.sqrt(square) + of.epsilon());
        };
    }

    private static Rule sgd(Sgd of) {
        return (t, value, gradient, state) -> {
            state[0] = t == 1 || of.momentum() == 0 ? gradient : of.momentum() * state[0] + gradient;
            return value - of.rate() * state[0];
        };
    }

    static Stream<Pair> pairs() {
        Stream<Adam> adams = Stream.of(
                Adam.of(1e-3),
                new Adam(1e-2, 0.8, 0.99, 1e-4, 0, false),
                new Adam(1e-2, 0.9, 0.999, 1e-8, 0.1, false),
                new Adam(1e-2, 0.9, 0.999, 1e-8, 0.1, true));
        Stream<Sgd> sgds = Stream.of(new Sgd(1e-2, 0), new Sgd(1e-2, 0.9));
        return Stream.concat(adams.map(of -> new Pair(of, adam(of))), sgds.map(of -> new Pair(of, sgd(of))));
    }

    private static double scale(int i) {
        return Math.pow(10, i % 7 - 5);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void movesAsTorchDoes(Pair pair) {
        float[] start = new float[SIZE];
        float[] goal = new float[SIZE];
        Random random = new Random(3);
        for (int i = 0; i < SIZE; i++) {
            start[i] = (float) random.nextGaussian();
            goal[i] = i % 10 == 0 ? start[i] : (float) random.nextGaussian();
        }
        float[] found = run(pair.optimiser(), start, goal);
        for (int i = 0; i < SIZE; i++) {
            double value = start[i];
            double[] state = new double[2];
            for (int t = 1; t <= STEPS; t++) {
                value = pair.rule().step(t, value, (float) scale(i) * (value - goal[i]), state);
            }
            assertThat((double) found[i]).as("element " + i).isCloseTo(value, within(4e-6 * Math.max(1, Math.abs(value))));
        }
    }

    private static float[] run(Optimiser optimiser, float[] start, float[] goal) {
        float[] scales = new float[SIZE];
        for (int i = 0; i < SIZE; i++) {
            scales[i] = (float) scale(i);
        }
        try (Arena arena = Arena.ofConfined();
                Kernels kernels = new ReferenceBackend().open(0)) {
            List<Operand> inputs = new ArrayList<>();
            inputs.add(operand(arena, start));
            for (int i = 0; i < optimiser.states(); i++) {
                inputs.add(operand(arena, new float[SIZE]));
            }
            List<Operand> outputs = List.copyOf(inputs);
            inputs.add(operand(arena, goal));
            inputs.add(operand(arena, scales));
            Tile tile = new Tile(0, SIZE, Optional.empty(), inputs);
            for (int step = 1; step <= STEPS; step++) {
                Formula formula = optimiser.formula(
                        step, (f, first) -> f.mul(f.model(first + 1), f.sub(f.model(0), f.model(first))));
                kernels.formula(formula, tile, new FormulaResults(outputs, List.of(), MemorySegment.NULL));
            }
            return outputs.getFirst().data().toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static Operand operand(Arena arena, float[] values) {
        return new Operand(arena.allocateFrom(ValueLayout.JAVA_FLOAT, values), Dtype.F32);
    }

    @Test
    void nothingMovesWithoutGradient() {
        float[] start = {1, 0, -2};
        Formula formula = Adam.of(1).formula(1, FormulaBuilder::model);
        try (Arena arena = Arena.ofConfined();
                Kernels kernels = new ReferenceBackend().open(0)) {
            List<Operand> state = List.of(operand(arena, start), operand(arena, new float[3]), operand(arena, new float[3]));
            List<Operand> inputs = new ArrayList<>(state);
            inputs.add(operand(arena, new float[3]));
            kernels.formula(formula, new Tile(0, 3, Optional.empty(), inputs), new FormulaResults(state, List.of(), MemorySegment.NULL));
            assertThat(state.getFirst().data().toArray(ValueLayout.JAVA_FLOAT)).containsExactly(start);
        }
    }
}
