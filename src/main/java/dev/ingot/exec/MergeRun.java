// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.TensorRef;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import dev.ingot.kernel.WeightedSum;
import dev.ingot.method.Step;
import dev.ingot.method.TensorProgram;
import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Computes one tensor by its program. */
final class MergeRun extends ProgramRun {
    private final TensorProgram program;
    private final TensorOutput output;

    MergeRun(PlannedTensor tensor, TensorProgram program, Surroundings around, TensorOutput output) {
        super(tensor, around);
        this.program = program;
        this.output = output;
    }

    @Override
    public Phase first(Lane lane) {
        openDraws();
        return output.isRecorded() ? new VerifyPhase(this) : begin(lane);
    }

    @Override
    Phase compute(Lane lane) {
        return phase(program.first(), lane);
    }

    @Override
    public void complete() {
        if (tensor().isLastReader()) {
            inputs().release();
        }
        output.complete();
    }

    TensorOutput output() {
        return output;
    }

    /** Bytes of an output tile: as many elements as in other tiles, but cut at multiples of this size in the file. */
    long writeBytes() {
        return tensor().isBits()
                ? Math.max(TileChecksum.GRAIN, tileElements() / Byte.SIZE)
                : tileElements() * Math.max(1, tensor().dtype().bits() / Byte.SIZE);
    }

    @Override
    Phase last(Step step) {
        return switch (step) {
            case Step.CopyBase() -> copy(tensor().base().orElseThrow());
            case Step.CopyModel(int model) -> copy(tensor().models().get(model));
            case Step.Sum(var op) -> new WritePhase(this, (worker, start, count, out) ->
                    worker.kernels().weightedSum(op, inputs().values(worker, start, count), operand(out)));
            case Step.Merge(var op) -> new WritePhase(this, (worker, start, count, out) ->
                    worker.kernels().deltaMerge(op, inputs().mergedTile(worker, start, count), operand(out)));
            case Step.Compute(var formula, var further) -> {
                FurtherTiles tiles = new FurtherTiles(this, further);
                yield new WritePhase(this, (worker, start, count, out) -> worker.kernels()
                        .formula(formula, tiles.tile(worker, start, count), FormulaResults.of(operand(out))));
            }
            case Step.AddProduct(int product, float factor) -> addProduct(product, factor);
            case Step.Store(int product) -> new StorePhase(this, product(product));
            case Step.Pack(var formula) -> new PackPhase(this, formula);
            default -> throw new IllegalStateException("a program ends without output: " + step);
        };
    }

    private Phase addProduct(int product, float factor) {
        return new WritePhase(this, (lane, start, count, out) -> {
            List<Operand> operands = new ArrayList<>();
            List<Float> factors = new ArrayList<>();
            inputs().base(lane, start, count).ifPresent(base -> {
                operands.add(base);
                factors.add(1f);
            });
            operands.add(MatrixTask.part(product(product), start, count));
            factors.add(factor);
            Tile tile = new Tile(start, count, Optional.empty(), operands);
            lane.kernels().weightedSum(new WeightedSum(factors), tile, operand(out));
        });
    }

    private Operand operand(MemorySegment data) {
        return new Operand(data, tensor().dtype());
    }

    /** Copies one input, rounded to the output type where the types differ. */
    private Phase copy(TensorRef source) {
        return source.dtype() == tensor().dtype()
                ? new CopyPhase(this, source)
                : new WritePhase(this, (lane, start, count, out) -> lane.kernels()
                        .convert(inputs().operand(lane, source, start, count), operand(out), count));
    }
}
