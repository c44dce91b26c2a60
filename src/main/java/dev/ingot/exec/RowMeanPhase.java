// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.plan.RowGather;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * The pass that computes padding: for each input the mean of its rows that belong to tokens. They are summed in float64 in
 * a fixed number of groups, and the groups in order, so that the result depends neither on tiles nor on threads.
 */
final class RowMeanPhase implements Phase {
    private static final int GROUPS = RowGather.GROUPS;

    private final ProgramRun run;
    private final List<GatheredTensor> tensors;
    private final long width;
    private final MemorySegment sums;

    RowMeanPhase(ProgramRun run, List<GatheredTensor> tensors) {
        this.run = run;
        this.tensors = tensors;
        this.width = tensors.getFirst().width();
        this.sums = run.allocate(tensors.size() * GROUPS * width * Double.BYTES, Double.BYTES);
    }

    @Override
    public int tiles() {
        return tensors.size() * GROUPS;
    }

    @Override
    public void run(int tile, Lane lane) {
        GatheredTensor tensor = tensors.get(tile / GROUPS);
        MemorySegment group = group(tile);
        long first = firstRow(tensor, tile % GROUPS);
        long end = firstRow(tensor, tile % GROUPS + 1);
        long step = Math.max(1, run.tileElements() / Math.max(1, width));
        for (long row = first; row < end; row += step) {
            long count = Math.min(step, end - row);
            long bytes = tensor.dtype().bytes();
            MemorySegment rows = lane.buffer(Lane.INPUTS, count * width * bytes);
            tensor.copy(lane, row * width, rows);
            for (long i = 0; i < count; i++) {
                RowValues.add(rows.asSlice(i * width * bytes, width * bytes), tensor.dtype(), width, group);
            }
            run.countCopied(count * width * bytes);
        }
    }

    private static long firstRow(GatheredTensor tensor, int group) {
        return (long) tensor.tokenRows() * group / GROUPS;
    }

    private MemorySegment group(int tile) {
        return sums.asSlice(tile * width * Double.BYTES, width * Double.BYTES);
    }

    @Override
    public Optional<Phase> finish(Lane lane) {
        for (int i = 0; i < tensors.size(); i++) {
            GatheredTensor tensor = tensors.get(i);
            MemorySegment total = group(i * GROUPS);
            for (int group = 1; group < GROUPS; group++) {
                RowValues.add(group(i * GROUPS + group), Dtype.F64, width, total);
            }
            MemorySegment mean = run.allocate(width * tensor.dtype().bytes(), Double.BYTES);
            if (tensor.tokenRows() > 0) {
                RowValues.quotients(total, tensor.tokenRows(), tensor.dtype(), width, mean);
            }
            tensor.mean(mean);
        }
        return Optional.of(run.compute(lane));
    }
}
