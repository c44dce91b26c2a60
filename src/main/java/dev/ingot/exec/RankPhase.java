// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.BitCopy;
import dev.ingot.kernel.Formula;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Table;
import dev.ingot.kernel.Tile;
import dev.ingot.method.Step;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pass that makes random masks by rank, in tiles of whole rows. Every segment's sums have their own place and are added
 * up in the order of segments, so they do not depend on tiles and threads.
 */
final class RankPhase implements Phase {
    private final ProgramRun run;
    private final Step.RankedMasks step;
    private final RowTiles tiles;
    private final long perRow;
    private final List<Making> made = new ArrayList<>();

    /** A mask and its sums, float64 [segments][2]. */
    private record Making(Step.Drop drop, MemorySegment mask, MemorySegment sums) {}

    RankPhase(ProgramRun run, Step.RankedMasks step) {
        this.run = run;
        this.step = step;
        long elements = run.tensor().elements();
        tiles = new RowTiles(elements, step.rowLength(), run.tileElements(), true);
        perRow = Formula.segments(0, step.rowLength(), step.rowLength());
        long bytes = perRow * rows() * 2 * Double.BYTES;
        for (Step.Drop drop : step.drops()) {
            made.add(new Making(
                    drop, run.allocate(Table.bitBytes(elements), Long.BYTES), run.allocate(bytes, Double.BYTES)));
        }
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
        for (Making making : made) {
            Step.Drop drop = making.drop();
            List<Operand> models = new ArrayList<>(List.of(all.models().get(drop.model())));
            draws(drop.draws(), all, lane).ifPresent(models::add);
            long perTile = count / step.rowLength() * perRow * 2 * Double.BYTES;
            long before = start / step.rowLength() * perRow * 2 * Double.BYTES;
            lane.kernels().rankedMask(
                    drop.mask(), new Tile(start, count, all.base(), models), bits, making.sums().asSlice(before, perTile));
            BitCopy.copy(bits, making.mask(), start, count, making);
        }
        run.countRead(count);
    }

    /** Random numbers of a tile, unless the mask's key gives them. */
    private Optional<Operand> draws(Step.Draws draws, Tile all, Lane lane) {
        MemorySegment floats = lane.buffer(Lane.FURTHER, all.count() * Float.BYTES);
        return switch (draws) {
            case Step.Draws.Keyed() -> Optional.empty();
            case Step.Draws.Sequence(long first) -> {
                run.draws(first + all.start(), all.count(), floats);
                yield Optional.of(new Operand(floats, Dtype.F32));
            }
            case Step.Draws.Recorded(int operand) -> {
                Operand numbers = new Operand(floats, Dtype.F32);
                lane.kernels().convert(all.models().get(operand), numbers, all.count());
                yield Optional.of(numbers);
            }
        };
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        List<Step.Dropped> dropped = made.stream()
                .map(making -> new Step.Dropped(
                        new Mask.Bits(new Table(making.mask())),
                        new Step.AbsoluteSums(total(making.sums(), 0), total(making.sums(), 1))))
                .toList();
        return Optional.of(run.phase(step.then().apply(dropped), lane));
    }

    /** The sum over all rows, each the sum of its segments. */
    private double total(MemorySegment sums, int which) {
        double total = 0;
        for (long row = 0; row < rows(); row++) {
            double value = 0;
            for (long segment = row * perRow; segment < (row + 1) * perRow; segment++) {
                value += sums.getAtIndex(ValueLayout.JAVA_DOUBLE, 2 * segment + which);
            }
            total += value;
        }
        return total;
    }

    private long rows() {
        return run.tensor().elements() / step.rowLength();
    }
}
