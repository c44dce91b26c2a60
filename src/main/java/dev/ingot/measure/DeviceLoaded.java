// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.cuda.DeviceMemory;
import dev.ingot.cuda.Owned;
import dev.ingot.ffi.nativelib.ingot_convert_args;
import dev.ingot.ffi.nativelib.ingot_delta_merge_args;
import dev.ingot.ffi.nativelib.ingot_delta_sums_args;
import dev.ingot.ffi.nativelib.ingot_delta_term;
import dev.ingot.ffi.nativelib.ingot_gram_args;
import dev.ingot.ffi.nativelib.ingot_operand;
import dev.ingot.ffi.nativelib.ingot_weighted_sum_args;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.WeightedSum;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Operands in a GPU's memory, and the launches of every operation over its tensors, prepared before any clock starts. */
final class DeviceLoaded implements Stand.Loaded {
    /** What the arrays of one tensor of one operation take at most. */
    private static final long ARRAYS_PER_TENSOR = 1L << 12;

    private final DeviceQueue queue;
    private final Owned owned = new Owned();
    private final Arena arena = Arena.ofShared();
    private final DeviceArrays arrays;
    private final DeviceOperands operands;
    private final MemorySegment sums;
    private final MemorySegment from;
    private final MemorySegment to;
    private final Map<RoundPlan, List<Launch>> programs = new HashMap<>();
    private final Map<RoundPlan, DeviceSelection> selections = new HashMap<>();

    /** One launch with its argument. */
    private record Launch(DeviceKernel kernel, int columns, MemorySegment argument) {}

    DeviceLoaded(DeviceQueue queue, WorkerTeam team, Dtype dtype, long elements, List<RoundPlan> plans, long copied) {
        this.queue = queue;
        try {
            arrays = owned.add(new DeviceArrays(
                    plans.stream().mapToLong(plan -> plan.tensors() * ARRAYS_PER_TENSOR).sum()));
            operands = owned.add(new DeviceOperands(queue, dtype, elements, plans));
            long chunks = Math.ceilDiv(elements, (long) Kernels.CHUNK);
            sums = owned.add(DeviceMemory.allocate(chunks * 2 * 3 * Double.BYTES)).segment();
            from = owned.add(DeviceMemory.allocate(copied)).segment();
            to = owned.add(DeviceMemory.allocate(copied)).segment();
            for (RoundPlan plan : plans) {
                if (plan.operation() == Operation.TIES) {
                    selections.put(plan, owned.add(new DeviceSelection(queue, team, operands, plan)));
                } else {
                    programs.put(plan, program(plan));
                }
            }
            fillCopies(plans.getFirst());
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Copies weights, as zeros may be copied faster. */
    private void fillCopies(RoundPlan any) {
        MemorySegment weights = operands.tensor(any.operation().models(), 0);
        for (long at = 0; at < from.byteSize(); at += weights.byteSize()) {
            long bytes = Math.min(weights.byteSize(), from.byteSize() - at);
            queue.stream().copyOnDevice(weights.asSlice(0, bytes), from.asSlice(at, bytes));
        }
        queue.stream().synchronize();
    }

    private List<Launch> program(RoundPlan plan) {
        List<Launch> launches = new ArrayList<>();
        for (int tensor = 0; tensor < plan.tensors(); tensor++) {
            switch (plan.operation()) {
                case CONVERT -> launches.add(convert(plan, tensor));
                case LINEAR_2, LINEAR_3, LINEAR_4, LINEAR_8 -> launches.add(sum(plan, tensor));
                case SLERP -> {
                    launches.add(gram(plan, tensor));
                    launches.add(sum(plan, tensor));
                }
                case DELTA_SUMS -> launches.add(deltaSums(plan, tensor));
                default -> launches.add(merge(plan, tensor));
            }
        }
        return launches;
    }

    private Launch launch(DeviceKernel kernel, MemorySegment argument) {
        return new Launch(kernel, kernel.blocks(operands.elements()), argument);
    }

    private Launch convert(RoundPlan plan, int tensor) {
        MemorySegment args = ingot_convert_args.allocate(arena);
        Dtype type = plan.operation().output(operands.dtype());
        DeviceStructs.operand(ingot_convert_args.input(args), operands.tensor(1, tensor), operands.dtype());
        DeviceStructs.operand(ingot_convert_args.output(args), operands.output(tensor, type), type);
        ingot_convert_args.count(args, operands.elements());
        return launch(DeviceKernel.CONVERT, args);
    }

    private MemorySegment inputs(RoundPlan plan, int tensor) {
        int models = plan.operation().models();
        DeviceArrays.Twin inputs = arrays.take(models * ingot_operand.sizeof());
        for (int i = 0; i < models; i++) {
            DeviceStructs.operand(
                    ingot_operand.asSlice(inputs.host(), i), operands.tensor(i + 1, tensor), operands.dtype());
        }
        inputs.upload(queue.stream());
        return inputs.device();
    }

    private Launch sum(RoundPlan plan, int tensor) {
        WeightedSum sum = Coefficients.sum(plan.operation());
        int models = plan.operation().models();
        DeviceArrays.Twin weights = arrays.take((long) models * Float.BYTES);
        for (int i = 0; i < models; i++) {
            weights.host().setAtIndex(ValueLayout.JAVA_FLOAT, i, sum.weights().get(i));
        }
        weights.upload(queue.stream());
        MemorySegment args = ingot_weighted_sum_args.allocate(arena);
        ingot_weighted_sum_args.inputs(args, inputs(plan, tensor));
        ingot_weighted_sum_args.weights(args, weights.device());
        DeviceStructs.operand(
                ingot_weighted_sum_args.output(args), operands.output(tensor, operands.dtype()), operands.dtype());
        ingot_weighted_sum_args.count(args, operands.elements());
        ingot_weighted_sum_args.input_count(args, models);
        return launch(DeviceKernel.weightedSum(operands.dtype()), args);
    }

    /** Two models: one row of blocks. */
    private Launch gram(RoundPlan plan, int tensor) {
        MemorySegment args = ingot_gram_args.allocate(arena);
        ingot_gram_args.inputs(args, inputs(plan, tensor));
        ingot_gram_args.sums(args, sums);
        ingot_gram_args.count(args, operands.elements());
        ingot_gram_args.input_count(args, plan.operation().models());
        return launch(DeviceKernel.gram(operands.dtype()), args);
    }

    private MemorySegment terms(RoundPlan plan, int tensor) {
        List<DeltaMerge.Term> terms = Coefficients.merge(plan.operation()).terms();
        DeviceArrays.Twin structs = arrays.take(terms.size() * ingot_delta_term.sizeof());
        for (int i = 0; i < terms.size(); i++) {
            DeviceStructs.term(ingot_delta_term.asSlice(structs.host(), i), terms.get(i),
                    operands.tensor(i + 1, tensor), operands.dtype());
        }
        structs.upload(queue.stream());
        return structs.device();
    }

    /** Three models: one row of blocks. */
    private Launch deltaSums(RoundPlan plan, int tensor) {
        MemorySegment args = ingot_delta_sums_args.allocate(arena);
        DeviceStructs.operand(ingot_delta_sums_args.base(args), operands.tensor(0, tensor), operands.dtype());
        ingot_delta_sums_args.terms(args, terms(plan, tensor));
        ingot_delta_sums_args.sums(args, sums);
        ingot_delta_sums_args.count(args, operands.elements());
        ingot_delta_sums_args.term_count(args, plan.operation().models());
        return launch(DeviceKernel.DELTA_SUMS, args);
    }

    private Launch merge(RoundPlan plan, int tensor) {
        MemorySegment args = ingot_delta_merge_args.allocate(arena);
        DeviceStructs.merge(args, Coefficients.merge(plan.operation()), operands, tensor, terms(plan, tensor));
        return launch(DeviceKernel.deltaMerge(operands.dtype()), args);
    }

    @Override
    public double run(RoundPlan plan) {
        if (selections.containsKey(plan)) {
            return queue.time(selections.get(plan)::run);
        }
        List<Launch> launches = programs.get(plan);
        return queue.time(() ->
                launches.forEach(launch -> queue.launch(launch.kernel(), launch.columns(), 1, launch.argument())));
    }

    /** The bytes that a round leaves of its first tensor, on the GPU. */
    MemorySegment result(Operation operation) {
        return operands.output(0, operation.output(operands.dtype()));
    }

    @Override
    public double copy(long bytes) {
        return queue.time(() -> {
            for (long left = bytes; left > 0; left -= from.byteSize()) {
                long piece = Math.min(left, from.byteSize());
                queue.stream().copyOnDevice(from.asSlice(0, piece), to.asSlice(0, piece));
            }
        });
    }

    @Override
    public void close() {
        try {
            owned.close();
        } finally {
            arena.close();
        }
    }
}
