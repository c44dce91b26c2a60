// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.kernel.BitCopy;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.Table;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The pass that makes masks of bands of ranks, in tiles of whole rows. */
final class BandPhase implements Phase {
    private final ProgramRun run;
    private final Step.BandMasks step;
    private final RowTiles tiles;
    private final List<MemorySegment> masks = new ArrayList<>();

    BandPhase(ProgramRun run, Step.BandMasks step) {
        this.run = run;
        this.step = step;
        long elements = run.tensor().elements();
        tiles = new RowTiles(elements, step.rowLength(), run.tileElements(), true);
        step.bands().forEach(band -> masks.add(run.allocate(Table.bitBytes(elements), Long.BYTES)));
    }

    @Override
    public int tiles() {
        return tiles.number();
    }

    @Override
    public void run(int tile, Lane lane) {
        long start = tiles.start(tile);
        long count = tiles.count(tile);
        run.prefetch(tile, start, count);
        Tile all = run.inputs().tile(lane, start, count);
        MemorySegment bits = lane.buffer(Lane.BITS, Table.bitBytes(count));
        for (int i = 0; i < masks.size(); i++) {
            Step.Band band = step.bands().get(i);
            Tile one = new Tile(start, count, all.base(), List.of(all.models().get(band.model())));
            lane.kernels().bandMask(band.mask(), one, bits);
            BitCopy.copy(bits, masks.get(i), start, count, masks.get(i));
        }
        run.countRead(count);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        List<Mask.Bits> made =
                masks.stream().map(mask -> new Mask.Bits(new Table(mask))).toList();
        return Optional.of(run.phase(step.then().apply(made), lane));
    }
}
