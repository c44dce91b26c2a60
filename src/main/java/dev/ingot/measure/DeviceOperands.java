// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.cuda.CudaStream;
import dev.ingot.cuda.DeviceMemory;
import dev.ingot.cuda.Owned;
import dev.ingot.ffi.nativelib.ingot_operand;
import dev.ingot.ffi.nativelib.ingot_weighted_sum_args;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/** Tensors in a GPU's memory: base, models and output, one after the other, each starting where kernels need it. */
final class DeviceOperands implements AutoCloseable {
    /** Elements that suit the alignment of operands whatever their type. */
    private static final long ALIGNMENT = 256;

    private final Dtype dtype;
    private final long elements;
    private final long stride;
    private final Owned owned = new Owned();
    private final List<MemorySegment> operands;
    private final MemorySegment output;

    DeviceOperands(DeviceQueue queue, Dtype dtype, long elements, List<RoundPlan> plans) {
        this.dtype = dtype;
        this.elements = elements;
        stride = Math.ceilDiv(elements, ALIGNMENT) * ALIGNMENT;
        operands = IntStream.range(0, RoundPlan.OPERANDS)
                .mapToObj(i -> allocate(RoundPlan.tensors(plans, i) * stride * dtype.bytes()))
                .toList();
        output = allocate(RoundPlan.outputBytes(plans, dtype, stride));
        fill(queue);
    }

    private MemorySegment allocate(long bytes) {
        return bytes == 0 ? MemorySegment.NULL : owned.add(DeviceMemory.allocate(bytes)).segment();
    }

    Dtype dtype() {
        return dtype;
    }

    long elements() {
        return elements;
    }

    /** A tensor of an operand: 0 is the base, others are models. */
    MemorySegment tensor(int operand, int tensor) {
        return slice(operands.get(operand), tensor, dtype);
    }

    /** A tensor of the output. */
    MemorySegment output(int tensor, Dtype type) {
        return slice(output, tensor, type);
    }

    private MemorySegment slice(MemorySegment whole, int tensor, Dtype type) {
        return whole.asSlice(tensor * stride * type.bytes(), elements * type.bytes());
    }

    private void fill(DeviceQueue queue) {
        CudaStream stream = queue.stream();
        try (Weights weights = new Weights(dtype); Arena arena = Arena.ofConfined();
                DeviceArrays arrays = new DeviceArrays(4L * Weights.PATTERN * dtype.bytes() + 4096)) {
            DeviceArrays.Twin base = uploaded(arrays, weights.base(), stream);
            DeviceArrays.Twin deltas = arrays.take(2L * Weights.PATTERN * dtype.bytes());
            DeviceArrays.Twin ones = arrays.take(2 * Float.BYTES);
            ones.host().setAtIndex(ValueLayout.JAVA_FLOAT, 0, 1f);
            ones.host().setAtIndex(ValueLayout.JAVA_FLOAT, 1, 1f);
            ones.upload(stream);
            DeviceArrays.Twin inputs = arrays.take(2 * ingot_operand.sizeof());
            MemorySegment args = ingot_weighted_sum_args.allocate(arena);
            for (int operand = 0; operand < operands.size(); operand++) {
                long count = operands.get(operand).byteSize() / dtype.bytes();
                if (operand > 0 && count > 0) {
                    MemorySegment pattern = weights.deltas(operand);
                    MemorySegment.copy(pattern, 0, deltas.host(), 0, pattern.byteSize());
                    deltas.upload(stream);
                }
                for (long first = 0; first < count; first += Weights.PATTERN) {
                    long n = Math.min(Weights.PATTERN, count - first);
                    MemorySegment target =
                            operands.get(operand).asSlice(first * dtype.bytes(), n * dtype.bytes());
                    if (operand == 0) {
                        stream.copyOnDevice(base.device().asSlice(0, target.byteSize()), target);
                        continue;
                    }
                    long window = (long) Weights.window(operand, first) * dtype.bytes();
                    DeviceStructs.operand(ingot_operand.asSlice(inputs.host(), 0), base.device(), dtype);
                    DeviceStructs.operand(
                            ingot_operand.asSlice(inputs.host(), 1), deltas.device().asSlice(window), dtype);
                    inputs.upload(stream);
                    ingot_weighted_sum_args.inputs(args, inputs.device());
                    ingot_weighted_sum_args.weights(args, ones.device());
                    DeviceStructs.operand(ingot_weighted_sum_args.output(args), target, dtype);
                    ingot_weighted_sum_args.count(args, n);
                    ingot_weighted_sum_args.input_count(args, 2);
                    DeviceKernel kernel = DeviceKernel.weightedSum(dtype);
                    queue.launch(kernel, kernel.blocks(n), 1, args);
                    // The twin is filled anew for the next window.
                    stream.synchronize();
                }
            }
            stream.synchronize();
        }
    }

    private static DeviceArrays.Twin uploaded(DeviceArrays arrays, MemorySegment values, CudaStream stream) {
        DeviceArrays.Twin twin = arrays.take(values.byteSize());
        twin.host().copyFrom(values);
        twin.upload(stream);
        return twin;
    }

    @Override
    public void close() {
        owned.close();
    }
}
