// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.TensorRef;
import dev.ingot.kernel.FormulaResults;
import dev.ingot.kernel.Operand;
import dev.ingot.method.Randomness;
import dev.ingot.method.Step;
import dev.ingot.method.TensorProgram;
import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** Computes one tensor by its program. */
final class MergeRun implements TensorRun {
    /** How many tiles ahead inputs are asked for. */
    private static final int PREFETCH_TILES = 8;

    private final PlannedTensor tensor;
    private final TensorProgram program;
    private final TensorInputs inputs;
    private final TensorOutput output;
    private final long tileElements;
    private final RandomSequence random;
    private final Progress progress;
    private final Arena arena = Arena.ofShared();

    /**
     * @param tileElements elements per tile, a multiple of {@link dev.ingot.kernel.Kernels#CHUNK}
     * @param random       the run's random sequence
     */
    MergeRun(
            PlannedTensor tensor,
            TensorInputs inputs,
            TensorOutput output,
            long tileElements,
            RandomSequence random,
            Progress progress) {
        this.tensor = tensor;
        this.program = tensor.program();
        this.inputs = inputs;
        this.output = output;
        this.tileElements = tileElements;
        this.random = random;
        this.progress = progress;
    }

    @Override
    public long memory() {
        return tensor.memory();
    }

    @Override
    public Phase first(Lane lane) {
        sequence().ifPresent(sequence -> random.open(sequence.first(), tensor.draws()));
        return output.isRecorded() ? new VerifyPhase(this) : begin(lane);
    }

    /** The first pass of the computation. */
    Phase begin(Lane lane) {
        List<GatheredTensor> padded = inputs.padded();
        return padded.isEmpty() ? compute(lane) : new RowMeanPhase(this, padded);
    }

    /** The first pass of the program. */
    Phase compute(Lane lane) {
        return phase(program.first(), lane);
    }

    @Override
    public void complete() {
        inputs.release();
        output.complete();
    }

    @Override
    public void close() {
        sequence().ifPresent(sequence -> random.close(sequence.first()));
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    PlannedTensor tensor() {
        return tensor;
    }

    TensorInputs inputs() {
        return inputs;
    }

    TensorOutput output() {
        return output;
    }

    long tileElements() {
        return tileElements;
    }

    /** Native memory that lives as long as the run. */
    MemorySegment allocate(long bytes, long alignment) {
        return arena.allocate(bytes, alignment);
    }

    /** Writes numbers of the random sequence, from the given one on. */
    void draws(long first, long count, MemorySegment floats) {
        random.fill(first, count, floats);
    }

    /** The tensor's place in the random sequence, if it takes numbers from it. */
    private Optional<Randomness.Sequence> sequence() {
        return tensor.context().random() instanceof Randomness.Sequence sequence && tensor.draws() > 0
                ? Optional.of(sequence)
                : Optional.empty();
    }

    /** Bytes of an output tile: as many elements as in other tiles, but cut at multiples of this size in the file. */
    long writeBytes() {
        return tileElements * Math.max(1, tensor.dtype().bits() / Byte.SIZE);
    }

    /** Asks for inputs some tiles ahead. */
    void prefetch(int tile, long start, long count) {
        long elements = tensor.elements();
        long ahead = tile == 0 ? 0 : start + PREFETCH_TILES * tileElements;
        long wanted = tile == 0 ? PREFETCH_TILES * tileElements + count : count;
        if (ahead < elements) {
            inputs.prefetch(ahead, Math.min(wanted, elements - ahead));
        }
    }

    /** Counts a tile's input bytes as read. */
    void countRead(long elements) {
        progress.read(inputs.bytes(elements));
    }

    /** Counts copied bytes as read. */
    void countCopied(long bytes) {
        progress.read(bytes);
    }

    /** The pass that does this step. */
    Phase phase(Step step, Lane lane) {
        return switch (step) {
            case Step.CopyBase() -> copy(tensor.base().orElseThrow());
            case Step.CopyModel(int model) -> copy(tensor.models().get(model));
            case Step.Sum(var op) -> new WritePhase(this, (worker, start, count, out) ->
                    worker.kernels().weightedSum(op, inputs.values(worker, start, count), operand(out)));
            case Step.Merge(var op) -> new WritePhase(this, (worker, start, count, out) ->
                    worker.kernels().deltaMerge(op, inputs.tile(worker, start, count), operand(out)));
            case Step.Compute(var formula) -> new WritePhase(this, (worker, start, count, out) -> worker.kernels()
                    .formula(formula, inputs.tile(worker, start, count), FormulaResults.of(operand(out))));
            case Step.ColumnGram columns -> new ColumnPhase(this, columns);
            case Step.Evaluate evaluate -> new EvaluatePhase(this, evaluate);
            case Step.RankedMasks masks -> new RankPhase(this, masks);
            case Step.Select select -> SelectPhase.sampled(this, select, lane);
            case Step.DeltaSums sums -> ReducePhase.deltaSums(this, sums);
            case Step.Gram gram -> ReducePhase.gram(this, gram);
        };
    }

    private Operand operand(MemorySegment data) {
        return new Operand(data, tensor.dtype());
    }

    /** Copies one input, rounded to the output type where the types differ. */
    private Phase copy(TensorRef source) {
        return source.dtype() == tensor.dtype()
                ? new CopyPhase(this, source)
                : new WritePhase(this, (lane, start, count, out) -> lane.kernels()
                        .convert(inputs.operand(lane, source, start, count), operand(out), count));
    }
}
