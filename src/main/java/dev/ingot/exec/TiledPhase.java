// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

/** A pass over a tensor in tiles of equal size. */
abstract class TiledPhase implements Phase {
    /** How many tiles ahead inputs are asked for. */
    private static final int PREFETCH_TILES = 8;

    private final MergeRun run;

    TiledPhase(MergeRun run) {
        this.run = run;
    }

    final MergeRun run() {
        return run;
    }

    @Override
    public final int tiles() {
        return Math.toIntExact(Math.ceilDiv(run.tensor().elements(), run.tileElements()));
    }

    @Override
    public final void run(int tile, Lane lane) {
        long elements = run.tensor().elements();
        long start = tile * run.tileElements();
        long count = Math.min(run.tileElements(), elements - start);
        if (readsInputs()) {
            prefetch(tile, start, elements);
        }
        run(tile, start, count, lane);
        if (readsInputs()) {
            run.countRead(count);
        }
    }

    /** Whether the pass reads the inputs, which are then asked for ahead and counted. */
    boolean readsInputs() {
        return true;
    }

    private void prefetch(int tile, long start, long elements) {
        long ahead = tile == 0 ? 0 : start + PREFETCH_TILES * run.tileElements();
        long wanted = tile == 0 ? (PREFETCH_TILES + 1) * run.tileElements() : run.tileElements();
        if (ahead < elements) {
            run.inputs().prefetch(ahead, Math.min(wanted, elements - ahead));
        }
    }

    /** Computes elements start to start + count, tile number {@code tile}. */
    abstract void run(int tile, long start, long count, Lane lane);
}
