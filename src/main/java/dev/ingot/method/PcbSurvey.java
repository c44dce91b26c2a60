// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.error.ConfigException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What PCB-Merging learns of the model as a whole: of each task vector's magnitudes the ends of clipping, then of its scores the
 * quantile and the maximum. Scores have signs, and selections go by magnitudes: those above 0 are asked first, and those below 0
 * only where that gave 0.
 */
final class PcbSurvey {
    /** Selections per model that one pass has at most. */
    static final int MOST_PICKS = 3;

    private final List<TensorContext> included;
    private final long elements;

    /** @param tensors all that are merged */
    PcbSurvey(List<TensorContext> tensors) {
        this.included = tensors.stream().filter(PcbSurvey::takesPart).toList();
        this.elements = included.stream().mapToLong(TensorContext::elements).sum();
    }

    /**
     * Numbers that are searched among those of a model's elements.
     *
     * @param model which model
     * @param index the number's place in ascending order, from 0
     */
    private record Place(int model, long index) {}

    /**
     * The first step.
     *
     * @throws ConfigException if the tensors do not agree in what the model as a whole must have one value of
     */
    ModelStep first() {
        if (elements == 0) {
            return new ModelStep.Programs(tensor -> TensorProgram.single(new Step.CopyBase()));
        }
        SameModels.check(
                included,
                "which have to be compared as a whole",
                "leave the tensor out (include: false, by a filter on its name), or complete the models");
        included.forEach(this::checkAgreement);
        return magnitudes();
    }

    private static boolean takesPart(TensorContext tensor) {
        return tensor.globals().flag("include");
    }

    private void checkAgreement(TensorContext tensor) {
        TensorContext first = included.getFirst();
        for (String name : List.of("clip", "inter", "ratio")) {
            if (!tensor.globals().all().get(name).equals(first.globals().all().get(name))) {
                throw new ConfigException(
                        name + " differs between tensors " + first.name() + " and " + tensor.name()
                                + ", but belongs to the model as a whole",
                        "give one " + name + " for all tensors");
            }
        }
    }

    private int models() {
        return included.getFirst().models().size();
    }

    private ParameterValues globals() {
        return included.getFirst().globals();
    }

    private Pcb.Inter inter() {
        return globals().choice("inter", Pcb.Inter.class);
    }

    /** The place of a quantile, in the authors' arithmetic: float64, cut off at the end. */
    private long place(double index) {
        return Math.clamp((long) index, 0, elements - 1);
    }

    private ModelStep magnitudes() {
        double clip = globals().number("clip");
        long low = place(elements * clip);
        long high = place(elements * (1 - clip) - 1);
        List<Place> places = IntStream.range(0, models())
                .boxed()
                .flatMap(i -> IntStream.range(0, MOST_PICKS)
                        .mapToObj(end -> new Place(i, new long[] {low, high, elements - 1}[end])))
                .toList();
        return select(places, place -> new Score.Delta(place.model()), found -> {
            List<PcbRow> rows = IntStream.range(0, models())
                    .map(i -> MOST_PICKS * i)
                    .mapToObj(i -> new PcbRow(found[i], found[i + 1], found[i + 2], 0, 0))
                    .toList();
            return scores(rows);
        });
    }

    private ModelStep scores(List<PcbRow> rows) {
        long floor = place(elements * (1 - globals().number("ratio")));
        List<Place> places = IntStream.range(0, models())
                .boxed()
                .flatMap(i -> IntStream.range(0, 2).mapToObj(end -> new Place(i, end == 0 ? floor : elements - 1)))
                .toList();
        return scores(rows, false, places, positive -> {
            int[] rest = IntStream.range(0, positive.length).filter(i -> positive[i] == 0).toArray();
            if (rest.length == 0) {
                return programs(rows, positive);
            }
            // In the order of the opposites each has the place that it has from the other end.
            List<Place> opposite = Arrays.stream(rest)
                    .mapToObj(places::get)
                    .map(place -> new Place(place.model(), elements - 1 - place.index()))
                    .toList();
            return scores(rows, true, opposite, negative -> {
                double[] all = positive.clone();
                for (int i = 0; i < rest.length; i++) {
                    all[rest[i]] = 0 - negative[i];
                }
                return programs(rows, all);
            });
        });
    }

    private ModelStep scores(
            List<PcbRow> rows, boolean negated, List<Place> places, Function<double[], ModelStep> then) {
        List<Score> scores = IntStream.range(0, models())
                .<Score>mapToObj(i -> new Score.Computed(PcbFormula.score(inter(), rows, i, negated)))
                .toList();
        return select(places, place -> scores.get(place.model()), then);
    }

    private ModelStep programs(List<PcbRow> known, double[] scores) {
        List<PcbRow> rows = IntStream.range(0, models())
                .mapToObj(i -> known.get(i).withScores(scores[2 * i], scores[2 * i + 1]))
                .toList();
        return new ModelStep.Programs(tensor -> TensorProgram.single(merged(tensor, rows)));
    }

    private Step merged(TensorContext tensor, List<PcbRow> rows) {
        if (!takesPart(tensor)) {
            return new Step.CopyBase();
        }
        List<Double> weights = tensor.models().stream()
                .map(model -> model.parameters().number("weight"))
                .toList();
        double lambda = tensor.globals().number("lambda");
        return new Step.Compute(PcbFormula.merged(inter(), rows, weights, lambda));
    }

    /** Finds the numbers at places among the magnitudes of scores; each place is searched once. */
    private ModelStep select(
            List<Place> places,
            Function<Place, Score> score,
            Function<double[], ModelStep> then) {
        List<Place> distinct = places.stream().distinct().toList();
        List<Score> scores = distinct.stream().map(score).toList();
        List<Long> keeps = distinct.stream().map(place -> elements - place.index()).toList();
        return new ModelStep.Select(
                tensor -> takesPart(tensor) ? scores : List.of(),
                keeps,
                found -> then.apply(places.stream()
                        .mapToDouble(place -> found.get(distinct.indexOf(place)).value())
                        .toArray()));
    }
}
