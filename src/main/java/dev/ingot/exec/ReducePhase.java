// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A pass that sums. Every chunk's partial sums have their own place, and they are added up in the order of chunks, so the
 * result does not depend on tiles and threads.
 */
final class ReducePhase extends TiledPhase {
    private final int sums;
    private final Kernel kernel;
    private final Function<double[], Step> then;
    private final MemorySegment partial;

    /** Computes the partial sums of a run of elements. */
    @FunctionalInterface
    private interface Kernel {
        void compute(Lane lane, long start, long count, MemorySegment partial);
    }

    private ReducePhase(ProgramRun run, int sums, Kernel kernel, Function<double[], Step> then) {
        super(run);
        this.sums = sums;
        this.kernel = kernel;
        this.then = then;
        this.partial = run.allocate(
                Math.ceilDiv(run.tensor().elements(), Kernels.CHUNK) * sums * Double.BYTES, Double.BYTES);
    }

    static ReducePhase deltaSums(ProgramRun run, Step.DeltaSums step) {
        Kernel kernel = (lane, start, count, partial) ->
                lane.kernels().deltaSums(step.masks(), run.inputs().mergedTile(lane, start, count), partial);
        return new ReducePhase(run, 2 * step.masks().size(), kernel, totals -> {
            List<Step.AbsoluteSums> sums = new ArrayList<>();
            for (int i = 0; i < totals.length; i += 2) {
                sums.add(new Step.AbsoluteSums(totals[i], totals[i + 1]));
            }
            return step.then().apply(sums);
        });
    }

    static ReducePhase gram(ProgramRun run, Step.Gram step) {
        int models = run.inputs().merged();
        Kernel kernel = (lane, start, count, partial) -> {
            Tile tile = step.deltas()
                    ? run.inputs().mergedTile(lane, start, count)
                    : run.inputs().values(lane, start, count);
            lane.kernels().gram(tile, partial);
        };
        return new ReducePhase(run, models * (models + 1) / 2, kernel, step.then());
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        long chunk = (long) sums * Double.BYTES;
        long first = start / Kernels.CHUNK;
        kernel.compute(lane, start, count, partial.asSlice(first * chunk, Math.ceilDiv(count, Kernels.CHUNK) * chunk));
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        double[] totals = new double[sums];
        long values = partial.byteSize() / Double.BYTES;
        for (long i = 0; i < values; i++) {
            totals[(int) (i % sums)] += partial.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        }
        return Optional.of(run().phase(then.apply(totals), lane));
    }
}
