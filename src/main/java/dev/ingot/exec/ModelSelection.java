// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.MagnitudeSampling;
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
import java.util.stream.IntStream;

/**
 * Finds the k-th largest magnitudes of a model exactly: a sample of all tensors brackets them, and one read counts what lies above
 * the brackets and collects what lies inside. Where the guess is missed, or memory does not hold what lies inside, two reads
 * count keys by their upper and lower bits instead.
 */
final class ModelSelection {
    private final List<Part> parts = new ArrayList<>();
    private final List<Long> keeps;
    private final ProgramRun.Surroundings around;
    private final ModelSurvey.Passes passes;
    private final long memory;
    private final long elements;
    private final boolean computed;
    private final int tiles;

    /**
     * A tensor that takes part.
     *
     * @param before    elements of the tensors in front of it
     * @param firstTile number of its first tile among all
     */
    private record Part(PlannedTensor tensor, List<Score> scores, long before, int firstTile) {}

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
        int tile = 0;
        boolean anyComputed = false;
        for (PlannedTensor tensor : tensors) {
            List<Score> scores = step.scores().apply(tensor.context());
            if (!scores.isEmpty() && tensor.elements() > 0) {
                parts.add(new Part(tensor, scores, before, tile));
                before += tensor.elements();
                tile = Math.addExact(tile, Math.toIntExact(Math.ceilDiv(tensor.elements(), around.tileElements())));
                anyComputed |= scores.stream().anyMatch(Score.Computed.class::isInstance);
            }
        }
        this.elements = before;
        this.tiles = tile;
        this.computed = anyComputed;
    }

    /** The k-th largest magnitude of each pick. */
    List<Cutoff> cutoffs() {
        List<Cutoff> found = new ArrayList<>(Arrays.asList(new Cutoff[keeps.size()]));
        long capacity = MagnitudeSampling.modelCapacity(elements, computed);
        if (capacity * Integer.BYTES * keeps.size() <= memory) {
            scan(capacity, found);
        }
        List<Integer> missed =
                IntStream.range(0, found.size()).filter(i -> found.get(i) == null).boxed().toList();
        if (!missed.isEmpty()) {
            search(missed, found);
        }
        return found;
    }

    private void scan(long capacity, List<Cutoff> found) {
        long taken = capacity * Integer.BYTES * keeps.size();
        try (Arena arena = Arena.ofShared()) {
            List<Bracket> brackets = brackets();
            List<Selector> selectors = new ArrayList<>();
            for (int pick = 0; pick < keeps.size(); pick++) {
                MemorySegment room = arena.allocate(capacity * Integer.BYTES, Integer.BYTES);
                selectors.add(new Selector(brackets.get(pick), room, tiles));
            }
            List<PassRun> runs = new ArrayList<>();
            for (Part part : parts) {
                Scan scan = new Scan(part.scores(), selectors);
                runs.add(new PassRun(part.tensor(), around, run -> new ReadPhase(run, (tile, start, count, lane) ->
                        scan.run(run.inputs(), part.firstTile() + tile, start, count, lane))));
            }
            passes.run(runs, taken);
            passes.run(
                    List.of(new LaneRun(lane -> {
                        for (int pick = 0; pick < selectors.size(); pick++) {
                            Optional<Threshold> threshold = selectors.get(pick).resolve(keeps.get(pick), lane.kernels());
                            found.set(pick, threshold.map(t -> new Cutoff(t.key())).orElse(null));
                        }
                    })),
                    taken);
        }
    }

    private List<Bracket> brackets() {
        if (elements <= MagnitudeSampling.SMALL) {
            return keeps.stream().map(keep -> Bracket.ALL).toList();
        }
        int sample = MagnitudeSampling.modelSize(elements);
        List<Bracket> brackets = new ArrayList<>();
        try (Arena arena = Arena.ofShared()) {
            List<MemorySegment> keys = keeps.stream()
                    .map(keep -> arena.allocate((long) sample * Integer.BYTES, Integer.BYTES))
                    .toList();
            long taken = (long) sample * Integer.BYTES * keeps.size();
            passes.run(
                    parts.stream()
                            .map(part -> new PassRun(part.tensor(), around, run ->
                                    new LanePhase(lane -> sample(part, run.inputs(), sample, keys, lane))))
                            .toList(),
                    taken);
            passes.run(
                    List.of(new LaneRun(lane -> {
                        for (int pick = 0; pick < keeps.size(); pick++) {
                            double share = (double) keeps.get(pick) / elements;
                            long margin = MagnitudeSampling.modelMargin(sample, share, computed);
                            brackets.add(MagnitudeSample.bracket(keys.get(pick), share, margin, lane.kernels()));
                        }
                    })),
                    taken);
        }
        return brackets;
    }

    /** Reads a part's share of the sample; those too small for a run of elements go without. */
    private void sample(Part part, TensorInputs inputs, int sample, List<MemorySegment> keys, Lane lane) {
        int unit = computed ? MagnitudeSampling.RUN : 1;
        long units = sample / unit;
        long size = part.tensor().elements();
        long first = units * part.before() / elements * unit * Integer.BYTES;
        long end = units * (part.before() + size) / elements * unit * Integer.BYTES;
        if (end > first && size > unit) {
            for (int pick = 0; pick < keeps.size(); pick++) {
                MagnitudeSample.read(inputs, size, part.scores().get(pick), lane, keys.get(pick).asSlice(first, end - first));
            }
        }
    }

    private void search(List<Integer> picks, List<Cutoff> found) {
        List<KeyHistogram> upper = picks.stream().map(pick -> new KeyHistogram(-1)).toList();
        count(picks, upper);
        List<KeyHistogram.Found> prefixes = new ArrayList<>();
        List<KeyHistogram> lower = new ArrayList<>();
        for (int i = 0; i < picks.size(); i++) {
            prefixes.add(upper.get(i).find(keeps.get(picks.get(i))));
            lower.add(new KeyHistogram(prefixes.get(i).bin()));
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
            runs.add(new PassRun(part.tensor(), around, run -> new ReadPhase(run, (tile, start, count, lane) -> {
                for (int i = 0; i < picks.size(); i++) {
                    Score score = part.scores().get(picks.get(i));
                    histograms.get(i).add(Scores.operands(run.inputs(), score, lane, start, count), count, lane);
                }
            })));
        }
        passes.run(runs, 0);
    }
}
