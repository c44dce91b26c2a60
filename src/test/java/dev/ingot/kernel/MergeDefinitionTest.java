// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The reference's merges against what the papers say, computed by hand or in another way. */
class MergeDefinitionTest {
    private final Arena arena = Arena.ofConfined();
    private final Kernels kernels = new ReferenceBackend().open();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void weightedSumKeepsOrderAndTheSignOfZero() {
        Operand out = f32(0, 0, 0);
        Tile tile = new Tile(0, 3, Optional.empty(), List.of(f32(1e8f, -0f, 1), f32(-1e8f, -0f, 2), f32(1, -0f, 3)));
        kernels.weightedSum(new WeightedSum(List.of(1f, 1f, 0.5f)), tile, out);
        assertThat(Tensors.values(out)).containsExactly(0.5f, -0f, 4.5f);
    }

    /** TIES-Merging: the elected sign of a column is that of its sum, a zero sum electing the positive one. */
    @Test
    void signElectionKeepsTheAgreeingTerms() {
        float[][] columns = {{1, -1}, {-1, -1}, {0, 0}, {2, -1}, {-0f, 1}};
        float[][] agreeing = {{1, 0}, {1, 1}, {0, 0}, {1, 0}, {0, 1}};
        for (int column = 0; column < columns.length; column++) {
            float first = columns[column][0];
            float second = columns[column][1];
            float sum = agreeing[column][0] * first + agreeing[column][1] * second;
            float agree = agreeing[column][0] + agreeing[column][1];
            assertThat(elect(false, new float[] {1, 1}, first, second)).as("sum of column %d", column).isEqualTo(sum);
            assertThat(elect(true, new float[] {1, 1}, first, second))
                    .as("mean of column %d", column)
                    .isEqualTo(agree == 0 ? 0 : sum / agree);
        }
    }

    @Test
    void weightsTakePartInTheElection() {
        // 3 * 1 outvotes 1 * -2; a negative weight turns a term round.
        assertThat(elect(false, new float[] {3, 1}, 1, -2)).isEqualTo(3f);
        assertThat(elect(true, new float[] {3, 1}, 1, -2)).isEqualTo(1f);
        assertThat(elect(false, new float[] {1, -1}, 1, -2)).isEqualTo(3f);
        // Weights of 1 and -1 sum to 0, which counts as 1.
        assertThat(elect(true, new float[] {1, -1}, 1, -2)).isEqualTo(3f);
        assertThat(elect(true, new float[] {1, 1}, Float.NaN, 1)).isNaN();
        assertThat(elect(true, new float[] {1, 1}, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY)).isNaN();
    }

    private float elect(boolean normalize, float[] weights, float... column) {
        List<DeltaMerge.Term> terms = IntStream.range(0, column.length)
                .mapToObj(i -> new DeltaMerge.Term(weights[i], 1, Mask.NONE))
                .toList();
        List<Operand> models = IntStream.range(0, column.length).mapToObj(i -> f32(column[i])).toList();
        Operand out = f32(9);
        kernels.deltaMerge(
                new DeltaMerge(terms, true, normalize, 1, 1), new Tile(0, 1, Optional.of(f32(0)), models), out);
        return Tensors.value(out, 0);
    }

    @Test
    void plainDeltasAreSummedDividedAndScaled() {
        Operand out = f32(0);
        List<DeltaMerge.Term> terms =
                List.of(new DeltaMerge.Term(2, 1, Mask.NONE), new DeltaMerge.Term(0.5f, 4, Mask.NONE));
        Tile tile = new Tile(0, 1, Optional.of(f32(10)), List.of(f32(11), f32(13)));
        kernels.deltaMerge(new DeltaMerge(terms, false, false, 4, 3), tile, out);
        // (2 * 1 + 0.5 * 4 * 3) / 4 = 2
        assertThat(Tensors.value(out, 0)).isEqualTo(16f);
    }

    @Test
    void magnitudeMaskKeepsLargerOnesAndTiesBelowTheCut() {
        Operand out = f32(new float[5]);
        Mask mask = new Mask.Magnitude(Float.floatToIntBits(2), 103);
        Tile tile = new Tile(100, 5, Optional.of(f32(new float[5])), List.of(f32(-2, 1, 2, -2, -3)));
        kernels.deltaMerge(one(1, 1, mask), tile, out);
        assertThat(Tensors.values(out)).containsExactly(-2, 0, 2, 0, -3);
    }

    /** DARE: each delta is kept with the given probability; with rescaling the expected merge is the unmasked one. */
    @Test
    void randomMasksKeepTheirFractionAndTheExpectation() {
        int count = 200_000;
        for (double probability : new double[] {0.1, 0.5, 0.9}) {
            float[] model = new float[count];
            Arrays.fill(model, 1);
            Operand out = f32(new float[count]);
            Mask mask = Mask.Random.ofProbability(0x1234_5678_9abc_def0L, probability);
            Tile tile = new Tile(12_345, count, Optional.of(f32(new float[count])), List.of(f32(model)));
            kernels.deltaMerge(one(1, (float) (1 / probability), mask), tile, out);
            float[] merged = Tensors.values(out);
            double kept = IntStream.range(0, count).filter(i -> merged[i] != 0).count();
            double sigma = Math.sqrt(count * probability * (1 - probability));
            assertThat(kept).isCloseTo(count * probability, within(5 * sigma));
            double mean = IntStream.range(0, count).mapToDouble(i -> merged[i]).average().orElseThrow();
            assertThat(mean).isCloseTo(1, within(5 * sigma / (count * probability)));
        }
    }

    @Test
    void aMaskOfProbabilityZeroKeepsNothing() {
        Operand out = f32(5, 5);
        Tile tile = new Tile(0, 2, Optional.of(f32(1, 2)), List.of(f32(3, 3)));
        kernels.deltaMerge(one(1, 1, Mask.Random.ofProbability(1, 0)), tile, out);
        assertThat(Tensors.values(out)).containsExactly(1, 2);
    }

    @Test
    void differentKeysGiveIndependentMasks() {
        int count = 100_000;
        float[][] kept = new float[2][];
        for (int key = 0; key < 2; key++) {
            float[] deltas = new float[count];
            Arrays.fill(deltas, 1);
            Deltas.keep(Mask.Random.ofProbability(key, 0.5), deltas, count, 0);
            kept[key] = deltas;
        }
        double both = IntStream.range(0, count).filter(i -> kept[0][i] + kept[1][i] == 2).count();
        assertThat(both).isCloseTo(count * 0.25, within(5 * Math.sqrt(count * 0.25 * 0.75)));
    }

    /** In float64, weights and values of few bits have exact sums: any order gives the same. */
    @Test
    void weightedSumOfManyModelsOfEveryTypeMatchesExactArithmetic() {
        int count = 3000;
        List<Dtype> dtypes = ElementwiseCases.DTYPES;
        List<Float> weights = List.of(0.5f, 0.25f, -1f, 2f, 0.125f, 1f);
        try (Workbench bench = new Workbench(11)) {
            Tile tile = bench.tile(0, count, false, 6, dtypes, Values.TIES);
            Operand out = bench.output(Dtype.F32, count);
            kernels.weightedSum(new WeightedSum(weights), tile, out);
            for (int i = 0; i < count; i++) {
                int at = i;
                double expected = IntStream.range(0, 6)
                        .mapToDouble(model -> weights.get(model) * (double) Tensors.value(tile.models().get(model), at))
                        .sum();
                assertThat((double) Tensors.value(out, i)).as("element %d", i).isEqualTo(expected + 0.0);
            }
        }
    }

    @Test
    void aMergeInBf16IsRoundedOnce() {
        Operand out = new Operand(arena.allocate(2), Dtype.BF16);
        Tile tile = new Tile(0, 1, Optional.empty(), List.of(f32(1), f32(0x1p-9f), f32(0x1p-9f)));
        kernels.weightedSum(new WeightedSum(List.of(1f, 1f, 1f)), tile, out);
        // 1 + 2^-8 lies halfway between two numbers and goes to the even one.
        assertThat(Tensors.value(out, 0)).isEqualTo(1f);
        // Rounded after each sum this would stay at 1.
        tile = new Tile(0, 1, Optional.empty(), List.of(f32(1), f32(0x1p-8f), f32(0x1p-8f)));
        kernels.weightedSum(new WeightedSum(List.of(1f, 1f, 1f)), tile, out);
        assertThat(Tensors.value(out, 0)).isEqualTo(1 + 0x1p-7f);
    }

    private static DeltaMerge one(float weight, float rescale, Mask mask) {
        return new DeltaMerge(List.of(new DeltaMerge.Term(weight, rescale, mask)), false, false, 1, 1);
    }

    private Operand f32(float... values) {
        return Tensors.f32(arena, values);
    }
}
