// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.linalg.Matrix;
import dev.ingot.method.Randomness;
import dev.ingot.method.Step;
import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/** Work on one tensor, step by step. */
abstract class ProgramRun implements TensorRun {
    /** How many tiles ahead inputs are asked for. */
    private static final int PREFETCH_TILES = 8;

    private final PlannedTensor tensor;
    private final TensorInputs inputs;
    private final Surroundings around;
    private final Arena arena = Arena.ofShared();
    private Optional<MatrixMemory> matrices = Optional.empty();

    /**
     * What all runs share.
     *
     * @param files        where inputs are read
     * @param tileElements elements per tile, a multiple of {@link dev.ingot.kernel.Kernels#CHUNK}
     * @param random       the run's random sequence
     * @param progress     counts
     * @param requireGoing throws if the run was asked to stop
     */
    record Surroundings(
            InputFiles files, long tileElements, RandomSequence random, Progress progress, Runnable requireGoing) {}

    ProgramRun(PlannedTensor tensor, Surroundings around) {
        this.tensor = tensor;
        this.inputs = new TensorInputs(around.files(), tensor);
        this.around = around;
    }

    @Override
    public long memory() {
        return tensor.memory();
    }

    /** The first pass of the computation. */
    final Phase begin(Lane lane) {
        List<GatheredTensor> padded = inputs.padded();
        return padded.isEmpty() ? compute(lane) : new RowMeanPhase(this, padded);
    }

    /** The first pass over complete inputs. */
    abstract Phase compute(Lane lane);

    /** The pass of a step that ends a program. */
    abstract Phase last(Step step);

    @Override
    public void close() {
        sequence().ifPresent(sequence -> around.random().close(sequence.first()));
        matrices.ifPresent(MatrixMemory::close);
        around.progress().rested(tensor.name());
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    final PlannedTensor tensor() {
        return tensor;
    }

    final TensorInputs inputs() {
        return inputs;
    }

    final long tileElements() {
        return around.tileElements();
    }

    /** Native memory that lives as long as the run. */
    final MemorySegment allocate(long bytes, long alignment) {
        return arena.allocate(bytes, alignment);
    }

    /**
     * Memory for a program on whole matrices, in place of what an earlier one made.
     *
     * @param limit bytes
     */
    final MatrixMemory matrices(long limit) {
        matrices.ifPresent(MatrixMemory::close);
        MatrixMemory memory = new MatrixMemory(limit);
        matrices = Optional.of(memory);
        return memory;
    }

    /** What a program on whole matrices made. */
    final Matrix product(int number) {
        return matrices.orElseThrow().products().get(number);
    }

    /** Tells how much of a program on whole matrices is done, from 0 to 1. */
    final void working(double share) {
        around.progress().working(tensor.name(), share);
    }

    /** Throws if the run was asked to stop. */
    final void requireGoing() {
        around.requireGoing().run();
    }

    /** Says that the tensor's numbers of the random sequence will be read. */
    final void openDraws() {
        sequence().ifPresent(sequence -> around.random().open(sequence.first(), tensor.draws()));
    }

    /** Writes numbers of the random sequence, from the given one on. */
    final void draws(long first, long count, MemorySegment floats) {
        around.random().fill(first, count, floats);
    }

    /** The tensor's place in the random sequence, if it takes numbers from it. */
    private Optional<Randomness.Sequence> sequence() {
        return tensor.context().random() instanceof Randomness.Sequence sequence && tensor.draws() > 0
                ? Optional.of(sequence)
                : Optional.empty();
    }

    /** Asks for inputs some tiles ahead. */
    final void prefetch(int tile, long start, long count) {
        long elements = tensor.elements();
        long ahead = tile == 0 ? 0 : start + PREFETCH_TILES * tileElements();
        long wanted = tile == 0 ? PREFETCH_TILES * tileElements() + count : count;
        if (ahead < elements) {
            inputs.prefetch(ahead, Math.min(wanted, elements - ahead));
        }
    }

    /** Counts a tile's input bytes as read. */
    final void countRead(long elements) {
        around.progress().read(inputs.bytes(elements));
    }

    /** Counts a model's share of a tile's input bytes as read. */
    final void countRead(int model, long elements) {
        around.progress().read(inputs.bytes(model, elements));
    }

    /** Counts copied bytes as read. */
    final void countCopied(long bytes) {
        around.progress().read(bytes);
    }

    /** The pass that does this step. */
    final Phase phase(Step step, Lane lane) {
        return switch (step) {
            case Step.ColumnGram columns -> new ColumnPhase(this, columns);
            case Step.Evaluate evaluate -> new EvaluatePhase(this, evaluate);
            case Step.RankedMasks masks -> new RankPhase(this, masks);
            case Step.BandMasks masks -> new BandPhase(this, masks);
            case Step.Unpack unpack -> new UnpackPhase(this, unpack);
            case Step.Select select -> SelectPhase.sampled(this, select, lane);
            case Step.DeltaSums sums -> ReducePhase.deltaSums(this, sums);
            case Step.Gram gram -> ReducePhase.gram(this, gram);
            case Step.Matrices program -> MatrixPhase.first(this, program, lane);
            default -> last(step);
        };
    }
}
