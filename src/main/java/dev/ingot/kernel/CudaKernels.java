// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.Owned;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A lane on a GPU, confined to the thread that opened it. What does not fit into its memory, and what would only carry single
 * elements or few of them to the GPU, is computed by a lane of the host. A failure of CUDA is a {@link
 * dev.ingot.error.DeviceException}, after which the lane can only be closed; the outputs of the failed call can be computed anew.
 */
final class CudaKernels implements Kernels {
    private final CudaSession session;
    private final long leastKeys;
    private final Owned owned = new Owned();
    private final Kernels host;
    private final CudaElementwise elementwise;
    private final CudaReductions reductions;
    private final CudaSelection selection;
    private final CudaKeys keyed;
    private final CudaFormula formulas;
    private final GpuLane gpu;
    private boolean failed;

    /** A kernel call that answers whether it could be made on the GPU. */
    @FunctionalInterface
    private interface Call {
        boolean run();
    }

    /**
     * Opens a lane on the calling thread.
     *
     * @param memory    bytes of pinned memory
     * @param leastKeys with fewer keys than this, the host is faster
     * @param gpu       makes of the lane's memory what others see of it
     */
    CudaKernels(
            CudaSession session, Backend hostBackend, long memory, long leastKeys, Function<CudaRing, GpuLane> gpu) {
        this.session = session;
        this.leastKeys = leastKeys;
        try {
            Arena arena = owned.add(Arena.ofConfined());
            host = owned.add(hostBackend.open());
            session.acquire();
            owned.add(session::release);
            CudaRing ring = owned.add(new CudaRing(session, host, memory));
            // Closed first: what follows needs the context, and the thread may have lanes on other GPUs.
            owned.add(session::makeCurrent);
            KernelStructs structs = new KernelStructs(arena);
            elementwise = new CudaElementwise(ring, structs, arena);
            reductions = new CudaReductions(ring, structs, arena);
            selection = new CudaSelection(ring, structs, arena);
            keyed = new CudaKeys(ring, arena);
            formulas = new CudaFormula(ring, structs, arena);
            this.gpu = gpu.apply(ring);
        } catch (CudaException e) {
            failed = true;
            close();
            throw CudaFaults.of(session.gpu(), e);
        } catch (RuntimeException | Error e) {
            failed = true;
            close();
            throw e;
        }
    }

    @Override
    public Kernels host() {
        return host;
    }

    @Override
    public Optional<GpuLane> gpu() {
        return failed ? Optional.empty() : Optional.of(gpu);
    }

    @Override
    public void convert(Operand input, Operand output, long count) {
        Arguments.convert(input, output, count);
        if (input.dtype() == output.dtype()) {
            host.convert(input, output, count);
            return;
        }
        run(() -> elementwise.convert(input, output, count), () -> host.convert(input, output, count));
    }

    @Override
    public void weightedSum(WeightedSum op, Tile tile, Operand output) {
        Arguments.weightedSum(op, tile, output);
        run(() -> elementwise.weightedSum(op, tile, output), () -> host.weightedSum(op, tile, output));
    }

    @Override
    public void deltaMerge(DeltaMerge op, Tile tile, Operand output) {
        Arguments.deltaMerge(op, tile, output);
        run(() -> elementwise.deltaMerge(op, tile, output), () -> host.deltaMerge(op, tile, output));
    }

    @Override
    public void deltaSums(List<Mask> masks, Tile tile, MemorySegment sums) {
        Arguments.deltaSums(masks, tile, sums);
        run(() -> reductions.deltaSums(masks, tile, sums), () -> host.deltaSums(masks, tile, sums));
    }

    @Override
    public void gram(Tile tile, MemorySegment sums) {
        Arguments.gram(tile, sums);
        run(() -> reductions.gram(tile, sums), () -> host.gram(tile, sums));
    }

    @Override
    public List<ScanCounts> selectScan(List<Bracket> brackets, Tile tile, List<MemorySegment> candidates) {
        Arguments.selectScan(brackets, tile, candidates);
        return onDevice(() -> selection.scan(brackets, tile, candidates))
                .orElseGet(() -> host.selectScan(brackets, tile, candidates));
    }

    /** Single elements from all over a tensor are where the host finds them soonest. */
    @Override
    public void selectSample(Operand base, Operand model, MemorySegment positions, MemorySegment keys) {
        host.selectSample(base, model, positions, keys);
    }

    @Override
    public void selectHistogram(Operand base, Operand model, long count, int prefix, MemorySegment bins) {
        Arguments.selectHistogram(base, model, count, prefix, bins);
        run(
                () -> selection.histogram(base, model, count, prefix, bins),
                () -> host.selectHistogram(base, model, count, prefix, bins));
    }

    @Override
    public long selectNthEqual(Operand base, Operand model, long count, int key, long nth) {
        Arguments.selectNthEqual(base, model, count, nth);
        return onDevice(() -> selection.nthEqual(base, model, count, key, nth))
                .orElseGet(() -> host.selectNthEqual(base, model, count, key, nth));
    }

    /** The keys are those of magnitudes, which have no sign. */
    @Override
    public KthLargest kthLargest(MemorySegment keys, long count, long rank) {
        Arguments.kthLargest(keys, count, rank);
        if (count < leastKeys) {
            return host.kthLargest(keys, count, rank);
        }
        return onDevice(() -> keyed.kthLargest(keys, count, rank)).orElseGet(() -> host.kthLargest(keys, count, rank));
    }

    @Override
    public long countEqual(MemorySegment keys, long count, int key) {
        Arguments.countEqual(keys, count);
        if (count < leastKeys) {
            return host.countEqual(keys, count, key);
        }
        return onDevice(() -> keyed.countEqual(keys, count, key)).orElseGet(() -> host.countEqual(keys, count, key));
    }

    @Override
    public void formula(Formula formula, Tile tile, FormulaResults to) {
        Arguments.formula(formula, tile, to);
        // A run of a sample is not worth a launch and the copies around it.
        if (tile.count() <= MagnitudeSampling.RUN) {
            host.formula(formula, tile, to);
            return;
        }
        run(() -> formulas.run(formula, tile, to), () -> host.formula(formula, tile, to));
    }

    /** Rows are ranked where they are. */
    @Override
    public void rankedMask(RankedMask op, Tile tile, MemorySegment bits, MemorySegment sums) {
        host.rankedMask(op, tile, bits, sums);
    }

    /** Rows are ranked where they are. */
    @Override
    public void bandMask(BandMask op, Tile tile, MemorySegment bits) {
        host.bandMask(op, tile, bits);
    }

    /** Rows are sorted where they are. */
    @Override
    public void rowRanks(Operand values, long rowLength, long count, Operand ranks) {
        host.rowRanks(values, rowLength, count, ranks);
    }

    private void run(Call device, Runnable otherwise) {
        if (!onDevice(device::run)) {
            otherwise.run();
        }
    }

    private <T> T onDevice(Supplier<T> call) {
        try {
            session.makeCurrent();
            return call.get();
        } catch (CudaException e) {
            failed = true;
            throw CudaFaults.of(session.gpu(), e);
        }
    }

    /** After a failure the driver refuses to free what it has taken away already, which is no news. */
    @Override
    public void close() {
        try {
            owned.close();
        } catch (CudaException e) {
            if (!failed) {
                throw CudaFaults.of(session.gpu(), e);
            }
        }
    }
}
