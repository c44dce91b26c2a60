// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.Mask;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import dev.ingot.kernel.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** Operands in the machine's memory, and the phases of every operation over their tiles. */
final class HostLoaded implements Stand.Loaded {
    /** Elements of a tile, as in a merge with memory to spare. */
    static final int TILE = 16 * Kernels.CHUNK;

    private static final int ALIGNMENT = 64;
    private static final long COPY_TILE = 1L << 20;

    private final WorkerTeam team;
    private final Dtype dtype;
    private final long elements;
    private final long stride;
    private final int tiles;
    private final Arena arena = Arena.ofShared();
    private final List<MemorySegment> operands;
    private final MemorySegment output;
    private final MemorySegment from;
    private final MemorySegment to;
    private final List<MemorySegment> sums;

    HostLoaded(WorkerTeam team, Dtype dtype, long elements, List<RoundPlan> plans, long copied) {
        this.team = team;
        this.dtype = dtype;
        this.elements = elements;
        stride = Math.ceilDiv(elements, ALIGNMENT) * ALIGNMENT;
        tiles = Math.toIntExact(Math.ceilDiv(elements, TILE));
        operands = IntStream.range(0, RoundPlan.OPERANDS)
                .mapToObj(i -> allocate(RoundPlan.tensors(plans, i) * stride * dtype.bytes()))
                .toList();
        output = allocate(RoundPlan.outputBytes(plans, dtype, stride));
        from = allocate(copied);
        to = allocate(copied);
        sums = IntStream.range(0, team.size()).mapToObj(i -> allocate(sumsBytes(3))).toList();
        fill();
    }

    private MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, ALIGNMENT);
    }

    private static long sumsBytes(int models) {
        return (long) TILE / Kernels.CHUNK * 2 * models * Double.BYTES;
    }

    private void fill() {
        try (Weights weights = new Weights(dtype)) {
            MemorySegment base = weights.base();
            WeightedSum sum = new WeightedSum(List.of(1f, 1f));
            for (int i = 0; i < operands.size(); i++) {
                int operand = i;
                MemorySegment target = operands.get(operand);
                MemorySegment deltas = operand > 0 && target.byteSize() > 0 ? weights.deltas(operand) : base;
                team.run(List.of(new WorkerTeam.Phase(pieces(target), (lane, worker, piece) -> {
                    Operand output = piece(target, piece);
                    long count = output.data().byteSize() / dtype.bytes();
                    Operand origin = new Operand(base, dtype);
                    if (operand == 0) {
                        lane.convert(origin, output, count);
                        return;
                    }
                    long window = Weights.window(operand, (long) piece * Weights.PATTERN);
                    Operand delta = new Operand(deltas.asSlice(window * dtype.bytes()), dtype);
                    lane.weightedSum(sum, new Tile(0, count, Optional.empty(), List.of(origin, delta)), output);
                })));
            }
            MemorySegment.copy(base, 0, from, 0, Math.min(base.byteSize(), from.byteSize()));
            for (long filled = base.byteSize(); filled < from.byteSize(); filled *= 2) {
                MemorySegment.copy(from, 0, from, filled, Math.min(filled, from.byteSize() - filled));
            }
        }
    }

    private int pieces(MemorySegment target) {
        return Math.toIntExact(Math.ceilDiv(target.byteSize(), (long) Weights.PATTERN * dtype.bytes()));
    }

    private Operand piece(MemorySegment target, int piece) {
        long bytes = (long) Weights.PATTERN * dtype.bytes();
        return new Operand(target.asSlice(piece * bytes, Math.min(bytes, target.byteSize() - piece * bytes)), dtype);
    }

    @Override
    public double copy(long bytes) {
        int pieces = Math.toIntExact(Math.ceilDiv(bytes, COPY_TILE));
        return team.run(List.of(new WorkerTeam.Phase(pieces, (lane, worker, piece) -> {
            long length = Math.min(COPY_TILE, bytes - piece * COPY_TILE);
            long at = piece * COPY_TILE % from.byteSize();
            MemorySegment.copy(from, at, to, at, Math.min(length, from.byteSize() - at));
        })));
    }

    @Override
    public double run(RoundPlan plan) {
        Operation operation = plan.operation();
        return switch (operation) {
            case CONVERT -> each(plan, (lane, worker, tensor, tile) ->
                    lane.convert(tile(plan, tensor, tile).models().getFirst(), output(plan, tensor, tile), count(tile)));
            case LINEAR_2, LINEAR_3, LINEAR_4, LINEAR_8 -> team.run(List.of(sum(plan)));
            case SLERP -> team.run(List.of(
                    phase(plan, (lane, worker, tensor, tile) -> lane.gram(tile(plan, tensor, tile), sums.get(worker))),
                    sum(plan)));
            case TASK_ARITHMETIC, DARE_LINEAR, DARE_TIES, TIES_APPLY -> {
                DeltaMerge merge = Coefficients.merge(operation);
                yield each(plan, (lane, worker, tensor, tile) ->
                        lane.deltaMerge(merge, tile(plan, tensor, tile), output(plan, tensor, tile)));
            }
            case TIES -> ties(plan);
            case DELTA_SUMS -> {
                List<Mask> masks = Collections.nCopies(operation.models(), Mask.NONE);
                yield each(plan, (lane, worker, tensor, tile) ->
                        lane.deltaSums(masks, tile(plan, tensor, tile), sums.get(worker)));
            }
        };
    }

    private WorkerTeam.Phase sum(RoundPlan plan) {
        WeightedSum sum = Coefficients.sum(plan.operation());
        return phase(plan, (lane, worker, tensor, tile) ->
                lane.weightedSum(sum, tile(plan, tensor, tile), output(plan, tensor, tile)));
    }

    /** The bytes that a round leaves of its first tensor, of these operations. */
    MemorySegment result(Operation operation) {
        return output.asSlice(0, elements * operation.output(dtype).bytes());
    }

    private double ties(RoundPlan plan) {
        try (HostSelection selection = new HostSelection(
                elements, tiles, plan, team.size(), (tensor, operand) -> part(operand, tensor, 0, elements))) {
            return team.run(List.of(
                    selection.sample(),
                    phase(plan, (lane, worker, tensor, tile) ->
                            selection.scan(lane, worker, tensor, tile, tile(plan, tensor, tile))),
                    selection.resolve((model, tensor, tile) -> List.of(
                            part(0, tensor, (long) tile * TILE, count(tile)),
                            part(model, tensor, (long) tile * TILE, count(tile)))),
                    phase(plan, (lane, worker, tensor, tile) -> lane.deltaMerge(
                            selection.merge(tensor), tile(plan, tensor, tile), output(plan, tensor, tile)))));
        }
    }

    /** What is done with one tile of one tensor. */
    private interface Work {
        void run(Kernels lane, int worker, int tensor, int tile);
    }

    private double each(RoundPlan plan, Work work) {
        return team.run(List.of(phase(plan, work)));
    }

    private WorkerTeam.Phase phase(RoundPlan plan, Work work) {
        return new WorkerTeam.Phase(Math.multiplyExact(plan.tensors(), tiles), (lane, worker, index) ->
                work.run(lane, worker, index / tiles, index % tiles));
    }

    private Tile tile(RoundPlan plan, int tensor, int tile) {
        long start = (long) tile * TILE;
        long count = count(tile);
        boolean base = plan.operation().base();
        return new Tile(start, count,
                base ? Optional.of(part(0, tensor, start, count)) : Optional.empty(),
                IntStream.rangeClosed(1, plan.operation().models())
                        .mapToObj(model -> part(model, tensor, start, count)).toList());
    }

    private long count(int tile) {
        return Math.min(TILE, elements - (long) tile * TILE);
    }

    private Operand part(int operand, int tensor, long start, long count) {
        return part(operands.get(operand), dtype, tensor, start, count);
    }

    private Operand output(RoundPlan plan, int tensor, int tile) {
        return part(output, plan.operation().output(dtype), tensor, (long) tile * TILE, count(tile));
    }

    private Operand part(MemorySegment whole, Dtype type, int tensor, long start, long count) {
        return new Operand(whole.asSlice((tensor * stride + start) * type.bytes(), count * type.bytes()), type);
    }

    @Override
    public void close() {
        arena.close();
    }
}
