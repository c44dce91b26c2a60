// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.MagnitudeSampling;
import dev.ingot.matrix.MatrixProgram;
import dev.ingot.method.Cutoff;
import dev.ingot.method.ModelStep;
import dev.ingot.method.Score;
import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Finds the k-th largest magnitudes of a model exactly: a sample of all tensors brackets them, and one read counts what lies above
 * the brackets and collects what lies inside; several reads do so for some picks each if memory does not hold what lies inside of
 * all. Where the guess is missed, or there is no room for even one, two reads count keys by their upper and lower bits instead.
 */
final class ModelSelection {
    private final List<Part> parts = new ArrayList<>();
    private final List<Long> keeps;
    private final ProgramRun.Surroundings around;
    private final ModelSurvey.Passes passes;
    private final long memory;
    private final long elements;
    private final boolean computed;

    /**
     * A tensor that takes part.
     *
     * @param before    elements of the tensors in front of it
     */
    private record Part(PlannedTensor tensor, List<Score> scores, long before) {
        /** What makes the matrices that it is compared by. */
        Optional<MatrixProgram> matrices() {
            return scores.stream()
                    .flatMap(score -> score instanceof Score.Product(var program, int number)
                            ? Stream.of(program)
                            : Stream.empty())
                    .findFirst();
        }
    }

    /** Work that belongs to no tensor but needs a lane. */
    private record LaneRun(Consumer<Lane> work) implements TensorRun {
        @Override
        public long memory() {
            return 0;
        }

        @Override
        public Phase first(Lane lane) {
            return new LanePhase(work);
        }

        @Override
        public void complete() {}

        @Override
        public void close() {}
    }

    /** @param memory bytes of native memory that it may take */
    ModelSelection(
            List<PlannedTensor> tensors,
            ModelStep.Select step,
            ProgramRun.Surroundings around,
            ModelSurvey.Passes passes,
            long memory) {
        this.keeps = step.keeps();
        this.around = around;
        this.passes = passes;
        this.memory = memory;
        long before = 0;
        boolean anyComputed = false;
        for (PlannedTensor tensor : tensors) {
            List<Score> scores = step.scores().apply(tensor.context());
            if (!scores.isEmpty() && tensor.elements() > 0) {
                parts.add(new Part(tensor, scores, before));
                before += tensor.elements();
                anyComputed |= scores.stream().anyMatch(score -> !(score instanceof Score.Delta));
            }
        }
        this.elements = before;
        this.computed = anyComputed;
    }

    /** The k-th largest magnitude of each pick. */
    List<Cutoff> cutoffs() {
        List<Cutoff> found = new ArrayList<>(Arrays.asList(new Cutoff[keeps.size()]));
        List<Integer> batch = new ArrayList<>();
        long taken = 0;
        for (int pick = 0; pick < keeps.size(); pick++) {
            long bytes = candidateBytes(pick) + (long) MagnitudeSampling.modelSize(elements) * Integer.BYTES;
            if (bytes <= memory) {
                if (taken + bytes > memory) {
                    scan(batch, taken, found);
                    batch.clear();
                    taken = 0;
                }
                batch.add(pick);
                taken += bytes;
            }
        }
        if (!batch.isEmpty()) {
            scan(batch, taken, found);
        }
        List<Integer> missed =
                IntStream.range(0, found.size()).filter(i -> found.get(i) == null).boxed().toList();
        if (!missed.isEmpty()) {
            search(missed, found);
        }
        return found;
    }

    private PassRun pass(Part part, Function<PassRun, Phase> phase) {
        return new PassRun(part.tensor(), around, part.matrices(), phase);
    }

    private double share(int pick) {
        return (double) keeps.get(pick) / elements;
    }

    private long candidateBytes(int pick) {
        return MagnitudeSampling.modelCapacity(elements, share(pick), computed) * Integer.BYTES;
    }

    /** @param taken bytes of their candidates */
    private void scan(List<Integer> picks, long taken, List<Cutoff> found) {
        try (Arena arena = Arena.ofShared()) {
            List<Bracket> brackets = brackets(picks);
            List<Selector> selectors = new ArrayList<>();
            for (int i = 0; i < picks.size(); i++) {
                MemorySegment room = arena.allocate(candidateBytes(picks.get(i)), Integer.BYTES);
                selectors.add(new Selector(brackets.get(i), room, 0));
            }
            List<PassRun> runs = new ArrayList<>();
            for (Part part : parts) {
                Scan scan = new Scan(picks.stream().map(part.scores()::get).toList(), selectors);
                runs.add(pass(part, run -> new ReadPhase(run, (tile, start, count, lane) ->
                        scan.run(run, tile, start, count, lane))));
            }
            passes.run(runs, taken);
            passes.run(
                    List.of(new LaneRun(lane -> {
                        for (int i = 0; i < selectors.size(); i++) {
                            long keep = keeps.get(picks.get(i));
                            Optional<Threshold> threshold = selectors.get(i).resolve(keep, lane.kernels());
                            found.set(picks.get(i), threshold.map(t -> new Cutoff(t.key())).orElse(null));
                        }
                    })),
                    taken);
        }
    }

    private List<Bracket> brackets(List<Integer> picks) {
        if (elements <= MagnitudeSampling.SMALL) {
            return picks.stream().map(pick -> Bracket.ALL).toList();
        }
        int sample = MagnitudeSampling.modelSize(elements);
        List<Bracket> brackets = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            List<MemorySegment> keys = new ArrayList<>();
            long taken = 0;
            for (int pick : picks) {
                int first = firstAlike(pick, picks);
                boolean isFirst = first == keys.size();
                keys.add(isFirst ? arena.allocate((long) sample * Integer.BYTES, Integer.BYTES) : keys.get(first));
                taken += isFirst ? (long) sample * Integer.BYTES : 0;
            }
            passes.run(
                    parts.stream()
                            .map(part -> pass(part, run ->
                                    new LanePhase(lane -> sample(part, run, sample, picks, keys, lane))))
                            .toList(),
                    taken);
            passes.run(
                    List.of(new LaneRun(lane -> {
                        for (int i = 0; i < picks.size(); i++) {
                            double share = share(picks.get(i));
                            long margin = MagnitudeSampling.modelMargin(sample, share, computed);
                            brackets.add(MagnitudeSample.bracket(keys.get(i), share, margin, lane.kernels()));
                        }
                    })),
                    taken);
        }
        return brackets;
    }

    /** The place of the first pick by the same scores, with which this one shares its sample. */
    private int firstAlike(int pick, List<Integer> picks) {
        return IntStream.range(0, picks.size())
                .filter(i -> parts.stream().allMatch(part ->
                        part.scores().get(picks.get(i)).equals(part.scores().get(pick))))
                .findFirst()
                .orElseThrow();
    }

    /** Reads a part's share of the sample; those too small for a run of elements go without. */
    private void sample(Part part, ProgramRun run, int sample, List<Integer> picks, List<MemorySegment> keys, Lane lane) {
        int unit = computed ? MagnitudeSampling.RUN : 1;
        long units = sample / unit;
        long size = part.tensor().elements();
        long first = units * part.before() / elements * unit * Integer.BYTES;
        long end = units * (part.before() + size) / elements * unit * Integer.BYTES;
        if (end > first && size > unit) {
            for (int i = 0; i < picks.size(); i++) {
                if (keys.indexOf(keys.get(i)) < i) {
                    continue;
                }
                Score score = part.scores().get(picks.get(i));
                MagnitudeSample.read(run, score, lane, keys.get(i).asSlice(first, end - first));
            }
        }
    }

    private void search(List<Integer> picks, List<Cutoff> found) {
        List<KeyHistogram> upper =
                IntStream.range(0, picks.size()).mapToObj(i -> new KeyHistogram(-1, i)).toList();
        count(picks, upper);
        List<KeyHistogram.Found> prefixes = new ArrayList<>();
        List<KeyHistogram> lower = new ArrayList<>();
        for (int i = 0; i < picks.size(); i++) {
            prefixes.add(upper.get(i).find(keeps.get(picks.get(i))));
            lower.add(new KeyHistogram(prefixes.get(i).bin(), i));
        }
        count(picks, lower);
        for (int i = 0; i < picks.size(); i++) {
            KeyHistogram.Found prefix = prefixes.get(i);
            int low = lower.get(i).find(keeps.get(picks.get(i)) - prefix.above()).bin();
            found.set(picks.get(i), new Cutoff(prefix.bin() << KeyHistogram.LOW_BITS | low));
        }
    }

    private void count(List<Integer> picks, List<KeyHistogram> histograms) {
        List<PassRun> runs = new ArrayList<>();
        for (Part part : parts) {
            runs.add(pass(part, run -> new ReadPhase(run, (tile, start, count, lane) -> {
                for (int i = 0; i < picks.size(); i++) {
                    Score score = part.scores().get(picks.get(i));
                    histograms.get(i).add(Scores.operands(run, score, lane, start, count), count, lane);
                }
            })));
        }
        passes.run(runs, 0);
    }
}
