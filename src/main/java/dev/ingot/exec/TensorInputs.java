// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.TensorRef;
import dev.ingot.kernel.Operand;
import dev.ingot.kernel.Tile;
import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The operands of one output tensor: its base, if it has one, its merged models, and their companions behind these. */
final class TensorInputs {
    private final InputFiles files;
    private final Optional<TensorRef> base;
    private final Optional<TensorRef> mask;
    private final List<TensorRef> models;
    private final List<Integer> all;
    private final List<Integer> merged;
    /** Those whose rows have to be put together. */
    private final Map<TensorRef, GatheredTensor> gathered = new LinkedHashMap<>();

    TensorInputs(InputFiles files, PlannedTensor tensor) {
        this.files = files;
        this.base = tensor.base();
        this.mask = tensor.mask();
        this.models = tensor.models();
        this.all = IntStream.range(0, models.size()).boxed().toList();
        this.merged = all.subList(0, tensor.merged().size());
        tensor.rows().ifPresent(rows -> stored().forEach(ref ->
                gathered.computeIfAbsent(ref, key -> new GatheredTensor(files, rows, key))));
    }

    private Stream<TensorRef> stored() {
        return Stream.concat(base.stream(), models.stream());
    }

    /** The operands with padding rows, whose means are to be computed before anything is read. */
    List<GatheredTensor> padded() {
        return gathered.values().stream().filter(GatheredTensor::isPadded).toList();
    }

    /** Whether operands lie in files as they are, so that single places can be read there. */
    boolean isStored() {
        return gathered.isEmpty();
    }

    boolean hasBase() {
        return base.isPresent();
    }

    /** How many operands there are besides the base, companions included. */
    int models() {
        return models.size();
    }

    /** How many models are merged. */
    int merged() {
        return merged.size();
    }

    /** All operands on a run of elements: what formulas read. */
    Tile tile(Lane lane, long start, long count) {
        return tile(lane, start, count, base.isPresent(), all);
    }

    /** The base, if there is one, and the merged models on a run of elements: what kernels of their own read. */
    Tile mergedTile(Lane lane, long start, long count) {
        return tile(lane, start, count, base.isPresent(), merged);
    }

    /** The base and the chosen models, which may repeat, on a run of elements. */
    Tile deltas(Lane lane, long start, long count, List<Integer> chosen) {
        return tile(lane, start, count, true, chosen);
    }

    /** The merged models alone on a run of elements. */
    Tile values(Lane lane, long start, long count) {
        return tile(lane, start, count, false, merged);
    }

    /** One operand on a run of elements. */
    Operand operand(Lane lane, TensorRef ref, long start, long count) {
        return operand(lane, Lane.INPUTS, ref, start, count);
    }

    /** The base alone, if there is one, on a run of elements. */
    Optional<Operand> base(Lane lane, long start, long count) {
        return base.map(ref -> operand(lane, ref, start, count));
    }

    /** Two operands on a run of elements. */
    List<Operand> pair(Lane lane, TensorRef first, TensorRef second, long start, long count) {
        return List.of(
                operand(lane, Lane.INPUTS, first, start, count),
                operand(lane, Lane.INPUTS + 1, second, start, count));
    }

    /** The whole mapped tensor, for reads at single places; only if {@link #isStored}. */
    Operand whole(TensorRef ref) {
        return new Operand(files.mapped(ref), ref.dtype());
    }

    /** Single elements one after the other, of an operand whose rows are put together. */
    Operand elements(Lane lane, int place, TensorRef ref, MemorySegment positions) {
        GatheredTensor tensor = gathered.get(ref);
        int size = ref.dtype().bytes();
        long count = positions.byteSize() / Long.BYTES;
        MemorySegment into = lane.buffer(Lane.INPUTS + place, count * size);
        for (long i = 0; i < count; i++) {
            long element = positions.getAtIndex(ValueLayout.JAVA_LONG, i);
            tensor.copy(lane, element, into.asSlice(i * size, size));
        }
        return new Operand(into, ref.dtype());
    }

    /** Copies a run of bytes of a tensor of any type. */
    void copy(TensorRef ref, long first, MemorySegment into, Lane lane) {
        GatheredTensor tensor = gathered.get(ref);
        if (tensor == null) {
            files.copy(ref, first, into);
        } else {
            tensor.copy(lane, first / ref.dtype().bytes(), into);
        }
    }

    /** Copies a run of bytes of the packed mask. */
    void copyMask(long first, MemorySegment into) {
        files.copy(mask.orElseThrow(), first, into);
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

    /** Bytes of a merged model and its share of the base on a run of elements. */
    long bytes(int model, long count) {
        return bytes(models.get(model), count)
                + base.map(ref -> bytes(ref, count)).orElse(0L) / merged.size();
    }

    /** Says that this run of elements will be read soon. */
    void prefetch(long start, long count) {
        stored().forEach(ref -> {
            GatheredTensor tensor = gathered.get(ref);
            if (tensor == null) {
                files.prefetch(ref, bytes(ref, start), bytes(ref, count));
            } else {
                tensor.prefetch(start, count);
            }
        });
    }

    /** Says that the tensor will be read again, but not soon. */
    void unmap() {
        stored().forEach(files::unmap);
    }

    /** Says that the tensor will not be read again. */
    void release() {
        stored().forEach(files::release);
        mask.ifPresent(files::release);
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
        GatheredTensor tensor = gathered.get(ref);
        if (tensor != null) {
            return tensor.read(lane, buffer, start, count);
        }
        return new Operand(files.read(ref, bytes(ref, start), bytes(ref, count), lane, buffer), ref.dtype());
    }

    private static long bytes(TensorRef ref, long elements) {
        return Math.ceilDiv(elements * ref.dtype().bits(), 8);
    }
}
