// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.TensorRef;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** The operands of one output tensor: its base, if it has one, and its models. */
final class TensorInputs {
    private final InputFiles files;
    private final Optional<TensorRef> base;
    private final List<TensorRef> models;
    private final List<Integer> all;

    TensorInputs(InputFiles files, Optional<TensorRef> base, List<TensorRef> models) {
        this.files = files;
        this.base = base;
        this.models = List.copyOf(models);
        this.all = IntStream.range(0, models.size()).boxed().toList();
    }

    boolean hasBase() {
        return base.isPresent();
    }

    int models() {
        return models.size();
    }

    /** All operands on a run of elements. */
    Tile tile(Lane lane, long start, long count) {
        return tile(lane, start, count, base.isPresent(), all);
    }

    /** The base and the chosen models, which may repeat, on a run of elements. */
    Tile deltas(Lane lane, long start, long count, List<Integer> chosen) {
        return tile(lane, start, count, true, chosen);
    }

    /** The models alone on a run of elements. */
    Tile values(Lane lane, long start, long count) {
        return tile(lane, start, count, false, all);
    }

    /** One operand on a run of elements. */
    Operand operand(Lane lane, TensorRef ref, long start, long count) {
        return operand(lane, Lane.INPUTS, ref, start, count);
    }

    /** Two operands on a run of elements. */
    List<Operand> pair(Lane lane, TensorRef first, TensorRef second, long start, long count) {
        return List.of(
                operand(lane, Lane.INPUTS, first, start, count),
                operand(lane, Lane.INPUTS + 1, second, start, count));
    }

    /** The whole mapped tensor, for reads at single places. */
    Operand whole(TensorRef ref) {
        return new Operand(files.mapped(ref), ref.dtype());
    }

    /** Copies a run of bytes of a tensor of any type. */
    void copy(TensorRef ref, long first, MemorySegment into) {
        files.copy(ref, first, into);
    }

    TensorRef base() {
        return base.orElseThrow();
    }

    TensorRef model(int index) {
        return models.get(index);
    }

    /** Bytes of all operands on a run of elements. */
    long bytes(long count) {
        return base.map(ref -> bytes(ref, count)).orElse(0L)
                + models.stream().mapToLong(ref -> bytes(ref, count)).sum();
    }

    /** Says that this run of elements will be read soon. */
    void prefetch(long start, long count) {
        base.ifPresent(ref -> files.prefetch(ref, bytes(ref, start), bytes(ref, count)));
        models.forEach(ref -> files.prefetch(ref, bytes(ref, start), bytes(ref, count)));
    }

    /** Says that the tensor will not be read again. */
    void release() {
        base.ifPresent(files::release);
        models.forEach(files::release);
    }

    private Tile tile(Lane lane, long start, long count, boolean withBase, List<Integer> chosen) {
        int buffer = Lane.INPUTS;
        Optional<Operand> origin = Optional.empty();
        if (withBase) {
            origin = Optional.of(operand(lane, buffer++, base.orElseThrow(), start, count));
        }
        Operand[] read = new Operand[models.size()];
        List<Operand> operands = new ArrayList<>();
        for (int model : chosen) {
            if (read[model] == null) {
                read[model] = operand(lane, buffer++, models.get(model), start, count);
            }
            operands.add(read[model]);
        }
        return new Tile(start, count, origin, operands);
    }

    private Operand operand(Lane lane, int buffer, TensorRef ref, long start, long count) {
        return new Operand(files.read(ref, bytes(ref, start), bytes(ref, count), lane, buffer), ref.dtype());
    }

    private static long bytes(TensorRef ref, long elements) {
        return Math.ceilDiv(elements * ref.dtype().bits(), 8);
    }
}
