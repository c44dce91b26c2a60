// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HyperbolicTangentTest {
    private static final int ULPS = 3;

    /** Every float32 whose pattern is a multiple of a prime. */
    private static final int STEP = 4057;

    private static float[] tanh(float[] values, double bound) {
        FormulaBuilder builder = new FormulaBuilder(false, 0);
        Formula formula = builder.output(HyperbolicTangent.of(builder, builder.model(0), bound)).build();
        try (Arena arena = Arena.ofConfined();
                Kernels kernels = new ReferenceBackend().open(0)) {
            MemorySegment given = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            MemorySegment found = arena.allocate(given.byteSize(), Float.BYTES);
            Tile tile = new Tile(0, values.length, Optional.empty(), List.of(new Operand(given, Dtype.F32)));
            kernels.formula(formula, tile, FormulaResults.of(new Operand(found, Dtype.F32)));
            return found.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static void check(float[] values, double bound) {
        float[] found = tanh(values, bound);
        for (int i = 0; i < values.length; i++) {
            double exact = Math.tanh(values[i]);
            boolean near = Math.abs(found[i] - exact) <= ULPS * Math.ulp((float) exact);
            if (!near) {
                assertThat(found[i]).as("tanh " + values[i] + " up to " + bound).isEqualTo((float) exact);
            }
        }
    }

    @Test
    void isWithinThreeUlpEverywhere() {
        float[] values = new float[(int) ((1L << 32) / STEP)];
        int n = 0;
        for (long bits = 0; n < values.length; bits += STEP) {
            float value = Float.intBitsToFloat((int) bits);
            values[n++] = Float.isNaN(value) ? 0 : value;
        }
        check(values, Double.POSITIVE_INFINITY);
    }

    @Test
    void isWithinThreeUlpUpToAnyBound() {
        for (double bound : new double[] {1e-9, 1e-5, 1e-4, 3e-4, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.26, 0.27, 0.5, 1, 1.01, 4, 30}) {
            float[] values = new float[20_001];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (bound * (i - 10_000) / 10_000);
            }
            check(values, bound);
        }
    }

    @Test
    void endsOfTheRange() {
        float[] given = {0, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN};
        assertThat(tanh(given, Double.POSITIVE_INFINITY)).containsExactly(0, 1, -1, Float.NaN);
    }

    /** What is not needed is not computed. */
    @Test
    void smallArgumentsCostLess() {
        assertThat(length(1e-6)).isLessThan(length(1e-2));
        assertThat(length(1e-2)).isLessThan(length(1));
        assertThat(length(1)).isLessThan(length(2));
    }

    private static int length(double bound) {
        FormulaBuilder builder = new FormulaBuilder(false, 0);
        return builder.output(HyperbolicTangent.of(builder, builder.model(0), bound)).build().code().size();
    }
}
