// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.error.DeviceException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A lane of a {@link FallbackBackend}. A call that fails on the device is made again on the host: until it succeeds, a call
 * changes nothing but outputs that are overwritten.
 */
final class FallbackKernels implements Kernels {
    private final FallbackBackend backend;
    private Kernels lane;
    private boolean onDevice;

    FallbackKernels(FallbackBackend backend, long memory) {
        this.backend = backend;
        try {
            onDevice = !backend.failed();
            lane = onDevice ? backend.device().open(memory) : backend.host().open();
        } catch (DeviceException e) {
            backend.fail(e);
            onDevice = false;
            lane = backend.host().open();
        }
    }

    @Override
    public Kernels host() {
        return lane.host();
    }

    @Override
    public Optional<GpuLane> gpu() {
        return onDevice && !backend.failed() ? lane.gpu().map(gpu -> gpu.withFailure(backend::fail)) : Optional.empty();
    }

    @Override
    public void convert(Operand input, Operand output, long count) {
        run(kernels -> kernels.convert(input, output, count));
    }

    @Override
    public void weightedSum(WeightedSum op, Tile tile, Operand output) {
        run(kernels -> kernels.weightedSum(op, tile, output));
    }

    @Override
    public void deltaMerge(DeltaMerge op, Tile tile, Operand output) {
        run(kernels -> kernels.deltaMerge(op, tile, output));
    }

    @Override
    public void deltaSums(List<Mask> masks, Tile tile, MemorySegment sums) {
        run(kernels -> kernels.deltaSums(masks, tile, sums));
    }

    @Override
    public void gram(Tile tile, MemorySegment sums) {
        run(kernels -> kernels.gram(tile, sums));
    }

    @Override
    public List<ScanCounts> selectScan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates) {
        return call(kernels -> kernels.selectScan(brackets, tile, candidates));
    }

    @Override
    public void selectSample(Operand base, Operand model, MemorySegment positions, MemorySegment keys) {
        run(kernels -> kernels.selectSample(base, model, positions, keys));
    }

    @Override
    public void selectHistogram(Operand base, Operand model, long count, int prefix, MemorySegment bins) {
        run(kernels -> kernels.selectHistogram(base, model, count, prefix, bins));
    }

    @Override
    public long selectNthEqual(Operand base, Operand model, long count, int key, long nth) {
        return call(kernels -> kernels.selectNthEqual(base, model, count, key, nth));
    }

    @Override
    public KthLargest kthLargest(MemorySegment keys, long count, long rank) {
        return call(kernels -> kernels.kthLargest(keys, count, rank));
    }

    @Override
    public long countEqual(MemorySegment keys, long count, int key) {
        return call(kernels -> kernels.countEqual(keys, count, key));
    }

    @Override
    public void formula(Formula formula, Tile tile, FormulaResults to) {
        run(kernels -> kernels.formula(formula, tile, to));
    }

    @Override
    public void rankedMask(RankedMask op, Tile tile, MemorySegment bits, MemorySegment sums) {
        run(kernels -> kernels.rankedMask(op, tile, bits, sums));
    }

    @Override
    public void bandMask(BandMask op, Tile tile, MemorySegment bits) {
        run(kernels -> kernels.bandMask(op, tile, bits));
    }

    @Override
    public void rowRanks(Operand values, long rowLength, long count, Operand ranks) {
        run(kernels -> kernels.rowRanks(values, rowLength, count, ranks));
    }

    private void run(Consumer<Kernels> kernel) {
        call(kernels -> {
            kernel.accept(kernels);
            return null;
        });
    }

    private <T> T call(Function<Kernels, T> kernel) {
        if (onDevice && backend.failed()) {
            moveToHost();
        }
        try {
            return kernel.apply(lane);
        } catch (DeviceException e) {
            if (!onDevice) {
                throw e;
            }
            backend.fail(e);
            moveToHost();
            return kernel.apply(lane);
        }
    }

    private void moveToHost() {
        onDevice = false;
        try {
            lane.close();
        } catch (DeviceException e) {
            backend.fail(e);
        }
        lane = backend.host().open();
    }

    @Override
    public void close() {
        try {
            lane.close();
        } catch (DeviceException e) {
            if (!onDevice) {
                throw e;
            }
            backend.fail(e);
        }
    }
}
