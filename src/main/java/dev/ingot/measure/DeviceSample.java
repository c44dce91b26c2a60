// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.cuda.Owned;
import dev.ingot.exec.MagnitudeSample;
import dev.ingot.ffi.nativelib.ingot_select_sample_args;
import dev.ingot.kernel.Bracket;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.MagnitudeSampling;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Brackets of magnitudes from samples of all deltas of a round: keys from the GPU, their ranks from the host's threads. */
final class DeviceSample implements AutoCloseable {
    private final DeviceQueue queue;
    private final WorkerTeam team;
    private final long elements;
    private final int searches;
    private final int size;
    private final Owned owned = new Owned();
    private final Arena arena = Arena.ofShared();
    private final DeviceArrays.Twin keys;
    private final List<MemorySegment> launches = new ArrayList<>();

    DeviceSample(DeviceQueue queue, WorkerTeam team, DeviceOperands operands, int tensors, int models) {
        this.queue = queue;
        this.team = team;
        elements = operands.elements();
        searches = tensors * models;
        size = MagnitudeSampling.size(elements);
        if (elements <= MagnitudeSampling.SMALL) {
            keys = null;
            return;
        }
        long keyBytes = (long) searches * size * Integer.BYTES;
        DeviceArrays arrays = owned.add(new DeviceArrays(
                DeviceArrays.bytes(keyBytes) + DeviceArrays.bytes((long) size * Long.BYTES)));
        DeviceArrays.Twin positions = arrays.take((long) size * Long.BYTES);
        keys = arrays.take(keyBytes);
        for (int i = 0; i < size; i++) {
            positions.host().setAtIndex(ValueLayout.JAVA_LONG, i, MagnitudeSample.position(i, size, elements));
        }
        positions.upload(queue.stream());
        for (int i = 0; i < searches; i++) {
            MemorySegment args = ingot_select_sample_args.allocate(arena);
            DeviceStructs.operand(
                    ingot_select_sample_args.base(args), operands.tensor(0, i / models), operands.dtype());
            DeviceStructs.operand(ingot_select_sample_args.model(args),
                    operands.tensor(i % models + 1, i / models), operands.dtype());
            ingot_select_sample_args.positions(args, positions.device());
            ingot_select_sample_args.keys(args, part(keys.device(), i));
            ingot_select_sample_args.count(args, size);
            launches.add(args);
        }
    }

    private MemorySegment part(MemorySegment all, int search) {
        long bytes = (long) size * Integer.BYTES;
        return all.asSlice(search * bytes, bytes);
    }

    /** One per delta. */
    List<Bracket> brackets() {
        if (launches.isEmpty()) {
            return Collections.nCopies(searches, Bracket.ALL);
        }
        int columns = DeviceKernel.SELECT_SAMPLE.blocks(size);
        launches.forEach(args -> queue.launch(DeviceKernel.SELECT_SAMPLE, columns, 1, args));
        keys.download(queue.stream());
        queue.stream().synchronize();
        Bracket[] brackets = new Bracket[searches];
        double share = (double) Coefficients.keep(elements) / elements;
        long rank = Math.round(share * size);
        long margin = MagnitudeSampling.margin(size, share);
        team.run(List.of(new WorkerTeam.Phase(searches, (lane, worker, search) -> brackets[search] = new Bracket(
                key(lane, search, rank + margin, -1), key(lane, search, rank - margin, Integer.MAX_VALUE)))));
        return Arrays.asList(brackets);
    }

    private int key(Kernels lane, int search, long rank, int beyond) {
        return rank < 1 || rank > size ? beyond : lane.kthLargest(part(keys.host(), search), size, rank).key();
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
