// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

/** A pass that reads a tensor in tiles of equal size, which start at multiples of a reduction's chunk. */
abstract class TiledPhase implements Phase {
    private final ProgramRun run;

    TiledPhase(ProgramRun run) {
        this.run = run;
    }

    final ProgramRun run() {
        return run;
    }

    @Override
    public final int tiles() {
        return Math.toIntExact(Math.ceilDiv(run.tensor().elements(), run.tileElements()));
    }

    @Override
    public final void run(int tile, Lane lane) {
        long start = tile * run.tileElements();
        long count = Math.min(run.tileElements(), run.tensor().elements() - start);
        run.prefetch(tile, start, count);
        run(tile, start, count, lane);
        run.countRead(count);
    }

    /** Computes elements start to start + count, tile number {@code tile}. */
    abstract void run(int tile, long start, long count, Lane lane);
}
