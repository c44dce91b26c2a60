// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.Optional;

/** A pass that hands every tile to somebody, and ends the work on the tensor. */
final class ReadPhase extends TiledPhase {
    private final Reader reader;

    /** Takes elements start to start + count, tile number {@code tile}. */
    @FunctionalInterface
    interface Reader {
        void read(int tile, long start, long count, Lane lane);
    }

    ReadPhase(ProgramRun run, Reader reader) {
        super(run);
        this.reader = reader;
    }

    @Override
    void run(int tile, long start, long count, Lane lane) {
        reader.read(tile, start, count, lane);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        return Optional.empty();
    }
}
