// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.FormulaBuilder;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.kernel.TestGpus;
import dev.ingot.method.Score;
import dev.ingot.method.Selection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The exact search for the k largest deltas against a sort, whatever the data and however wrong the first guess. */
class SelectionTest {
    /** Above the size from which sampling pays, and no whole number of tiles. */
    private static final int LARGE = (int) MagnitudeSampling.SMALL + 30_011;

    private static final int SMALL = 1_003;
    private static final float[] LEVELS = {0f, -0f, 0.5f, -0.5f, 1f, -1f, 0.25f};

    @TempDir
    private Path directory;

    private final List<SelectionRig> opened = new ArrayList<>();

    @AfterEach
    void closeFiles() {
        opened.forEach(SelectionRig::close);
    }

    private static List<Backend> backends() {
        return Stream.concat(hostBackends().stream(), TestGpus.backends()).toList();
    }

    /** An emulated GPU takes too long for all combinations with many elements. */
    private static List<Backend> backends(int elements) {
        return elements > SMALL ? hostBackends() : backends();
    }

    private static List<Backend> hostBackends() {
        return Backends.detect(System.getenv()).all().stream()
                .map(Backends.Availability::backend)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Map<String, IntFunction<float[]>> data() {
        SplittableRandom random = new SplittableRandom(7);
        Map<String, IntFunction<float[]>> data = new LinkedHashMap<>();
        data.put("smooth", n -> floats(n, i -> (float) (random.nextDouble() - 0.5)));
        data.put("few levels", n -> floats(n, i -> LEVELS[random.nextInt(LEVELS.length)]));
        data.put("mostly zero", n -> floats(n, i -> random.nextInt(500) == 0 ? random.nextFloat() : 0));
        data.put("all equal", n -> floats(n, i -> (i & 1) == 0 ? 0.125f : -0.125f));
        data.put("all zero", n -> floats(n, i -> (i & 1) == 0 ? 0f : -0f));
        data.put("ascending", n -> floats(n, i -> i * 0x1p-20f));
        data.put("subnormal", n -> floats(n, i -> Float.intBitsToFloat(random.nextInt(1 << 23))));
        data.put("not finite", n -> floats(n, i -> switch (random.nextInt(5)) {
            case 0 -> Float.NaN;
            case 1 -> Float.intBitsToFloat(0xffc12345);
            case 2 -> Float.POSITIVE_INFINITY;
            case 3 -> Float.NEGATIVE_INFINITY;
            default -> random.nextFloat();
        }));
        data.put("all not a number", n -> floats(n, i -> Float.NaN));
        return data;
    }

    private interface FloatAt {
        float at(int index);
    }

    private static float[] floats(int n, FloatAt values) {
        float[] result = new float[n];
        for (int i = 0; i < n; i++) {
            result[i] = values.at(i);
        }
        return result;
    }

    private static List<Long> counts(int n) {
        return List.of(1L, 2L, n / 100L, n / 2L, n - 1L, (long) n);
    }

    private SelectionRig rig(Dtype dtype, float[]... models) throws IOException {
        return rig(IoMode.MMAP, dtype, new float[models[0].length], models);
    }

    private SelectionRig rig(IoMode mode, Dtype dtype, float[] base, float[]... models) throws IOException {
        opened.add(new SelectionRig(directory, mode, dtype, base, List.of(models)));
        return opened.getLast();
    }

    @TestFactory
    Stream<DynamicTest> agreesWithSort() {
        return data().entrySet().stream().flatMap(entry -> Stream.of(SMALL, LARGE).map(n ->
                DynamicTest.dynamicTest(entry.getKey() + ", " + n + " elements", () -> {
                    SelectionRig rig = rig(Dtype.F32, entry.getValue().apply(n));
                    for (Backend backend : backends(n)) {
                        for (long keep : counts(n)) {
                            check(rig, backend, keep, null);
                        }
                    }
                })));
    }

    @TestFactory
    Stream<DynamicTest> agreesWithSortAfterAnyGuess() {
        return data().entrySet().stream().flatMap(entry -> Stream.of(SMALL, LARGE).map(n ->
                DynamicTest.dynamicTest(entry.getKey() + ", " + n + " elements", () -> {
                    SelectionRig rig = rig(Dtype.F32, entry.getValue().apply(n));
                    for (Backend backend : backends(n)) {
                        for (long keep : List.of(1L, n / 3L, (long) n)) {
                            for (Bracket guess : guesses(rig.sorted(0, keep).threshold())) {
                                check(rig, backend, keep, guess);
                            }
                        }
                    }
                })));
    }

    /** Right, wrong and barely right guesses for a threshold. */
    private static List<Bracket> guesses(int threshold) {
        List<Bracket> guesses = new ArrayList<>(List.of(
                Bracket.ALL,
                new Bracket(-1, -1),
                new Bracket(-1, 0),
                new Bracket(0, 0),
                new Bracket(Integer.MAX_VALUE, Integer.MAX_VALUE),
                new Bracket(threshold, threshold),
                new Bracket(threshold, Integer.MAX_VALUE),
                new Bracket(-1, threshold),
                new Bracket(threshold - 1, threshold + 1),
                new Bracket(threshold + 1, threshold + 1)));
        if (threshold > 0) {
            guesses.add(new Bracket(threshold - 1, threshold - 1));
        }
        return guesses;
    }

    private static SelectionRig.Found check(SelectionRig rig, Backend backend, long keep, Bracket guess) {
        SelectionRig.Found found =
                rig.select(backend, List.of(OptionalLong.of(keep)), guess == null ? null : pick -> guess);
        assertThat(found.selections())
                .as(backend.name() + ", keep " + keep + ", guess " + guess)
                .containsExactly(rig.sorted(0, keep));
        return found;
    }

    @Test
    void sampledGuessIsUsuallyRight() throws IOException {
        SelectionRig rig = rig(Dtype.F32, data().get("smooth").apply(LARGE), data().get("few levels").apply(LARGE));
        for (long keep : counts(LARGE)) {
            List<OptionalLong> both = List.of(OptionalLong.of(keep), OptionalLong.of(keep));
            assertThat(rig.select(backends().getFirst(), both, null).histograms()).as("keep " + keep).isZero();
        }
    }

    @Test
    void wrongGuessTakesHistograms() throws IOException {
        SelectionRig rig = rig(Dtype.F32, data().get("smooth").apply(LARGE));
        for (Backend backend : backends()) {
            long keep = LARGE / 2;
            int threshold = rig.sorted(0, keep).threshold();
            assertThat(check(rig, backend, keep, new Bracket(0, threshold - 1)).histograms()).isEqualTo(3);
            assertThat(check(rig, backend, keep, new Bracket(threshold + 1, Integer.MAX_VALUE)).histograms()).isEqualTo(3);
            assertThat(check(rig, backend, keep, new Bracket(threshold - 9, threshold + 9)).histograms()).isZero();
        }
    }

    @Test
    void tooManyCandidatesTakeHistograms() throws IOException {
        int n = 4 * (int) MagnitudeSampling.SMALL;
        assertThat(MagnitudeSampling.capacity(n, false)).as("room for candidates").isLessThan(n / 2);
        SelectionRig rig = rig(Dtype.F32, data().get("smooth").apply(n));
        for (Backend backend : backends()) {
            assertThat(check(rig, backend, n / 2, Bracket.ALL).histograms()).isEqualTo(3);
        }
    }

    /** Several models at once: one without a search, one guessed right, two guessed wrong. */
    @Test
    void modelsDoNotDisturbEachOther() throws IOException {
        SplittableRandom random = new SplittableRandom(11);
        float[] base = floats(LARGE, i -> random.nextFloat());
        float[][] models = new float[4][];
        Arrays.setAll(models, m -> floats(LARGE, i -> base[i] + (random.nextInt(200) - 100) * 0x1p-8f));
        List<OptionalLong> keep =
                List.of(OptionalLong.of(1000), OptionalLong.empty(), OptionalLong.of(40_000), OptionalLong.of(LARGE));
        for (Dtype dtype : List.of(Dtype.BF16, Dtype.F16, Dtype.F32, Dtype.F8_E4M3)) {
            for (IoMode mode : List.of(IoMode.MMAP, IoMode.PREAD)) {
                SelectionRig rig = rig(mode, dtype, base, models);
                List<Selection> expected = new ArrayList<>();
                for (int model = 0; model < models.length; model++) {
                    expected.add(keep.get(model).isEmpty() ? null : rig.sorted(model, keep.get(model).getAsLong()));
                }
                for (Backend backend : backends()) {
                    SelectionRig.Found found = rig.select(backend, keep,
                            pick -> pick.score().equals(new Score.Delta(2)) ? Bracket.ALL : new Bracket(0x7f000000, 0x7f000001));
                    assertThat(found.selections()).as(dtype + ", " + mode).isEqualTo(expected);
                    assertThat(found.histograms()).isGreaterThanOrEqualTo(6);
                    assertThat(rig.select(backend, keep, null).selections()).as("sampled " + dtype).isEqualTo(expected);
                }
            }
        }
    }

    /** The delta as a formula must lead to what the delta itself leads to, sampled or guessed wrong. */
    @Test
    void computedScoresAreSelectedLikeDeltas() throws IOException {
        for (String name : List.of("smooth", "few levels", "not finite", "mostly zero")) {
            SelectionRig rig = rig(Dtype.F32, data().get(name).apply(LARGE), data().get(name).apply(LARGE));
            for (Backend backend : backends()) {
                for (long keep : counts(LARGE)) {
                    List<OptionalLong> both = List.of(OptionalLong.of(keep), OptionalLong.of(keep));
                    for (SelectPhase.Guess guess : Arrays.<SelectPhase.Guess>asList(null, pick -> new Bracket(5, 6))) {
                        assertThat(rig.select(backend, both, guess, SelectionTest::computedDelta).selections())
                                .as(name + ", " + backend.name() + ", keep " + keep)
                                .containsExactly(rig.sorted(0, keep), rig.sorted(1, keep));
                    }
                }
            }
        }
    }

    private static Score computedDelta(int model) {
        FormulaBuilder formula = new FormulaBuilder(true, 0);
        return new Score.Computed(formula.output(formula.delta(model)).build());
    }
}
