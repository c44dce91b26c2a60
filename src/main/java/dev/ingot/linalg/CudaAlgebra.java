// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.DevicePool;
import dev.ingot.kernel.GpuLane;
import dev.ingot.kernel.Kernels;
import dev.ingot.kernel.MatrixUse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Linear algebra that does on a GPU what is worth the way there, an operation as a whole, and all else on the host: so does
 * it with what the GPU has no memory for, and with eigenvalues that cuSOLVER does not find. Results come to the host when all
 * of them are there, and until then nothing has changed.
 */
final class CudaAlgebra implements LinearAlgebra {
    private final LinearAlgebra host;
    private final Kernels kernels;
    /** Matrices that do not change, with their copies on the GPU once there are any. */
    private final Map<Matrix, Optional<DeviceHeld>> held = new HashMap<>();
    private DeviceEngine engine;
    private boolean off;

    private CudaAlgebra(LinearAlgebra host, Kernels kernels) {
        this.host = host;
        this.kernels = kernels;
    }

    /**
     * Takes the GPU of a lane of the calling thread, if it has one and the libraries are there; else it is the host's.
     *
     * @param host is closed with this
     */
    static LinearAlgebra over(LinearAlgebra host, Kernels kernels) {
        return over(host, kernels, DeviceEngine::refusal);
    }

    /** @param libraries tells why they are not there, if they are not */
    static LinearAlgebra over(LinearAlgebra host, Kernels kernels, Supplier<Optional<String>> libraries) {
        Optional<GpuLane> gpu = kernels.gpu().filter(lane -> lane.use() != MatrixUse.NONE);
        if (gpu.isEmpty()) {
            return host;
        }
        Optional<String> refusal = libraries.get();
        refusal.ifPresent(reason -> gpu.get().notice("matrices were left to the processor: " + reason));
        return refusal.isPresent() ? host : new CudaAlgebra(host, kernels);
    }

    /**
     * Does an operation on the GPU; empty if the host is to do it, and nothing has changed then.
     *
     * @param check throws unless the operands are fit for it
     */
    private <T> Optional<T> onDevice(DeviceCost cost, Runnable check, Function<DeviceWork, T> operation) {
        Optional<GpuLane> found = kernels.gpu();
        if (found.isEmpty() || off || found.get().use() != MatrixUse.ALL && !cost.pays()) {
            return Optional.empty();
        }
        check.run();
        GpuLane lane = found.get();
        try {
            lane.makeCurrent();
            Optional<T> result = attempt(lane, false, operation);
            // Too little memory beside others may be enough when they have finished.
            return result.isPresent() || off ? result : attempt(lane, true, operation);
        } catch (ConvergenceException e) {
            return Optional.empty();
        } catch (CudaException e) {
            lane.fail(e);
            return Optional.empty();
        }
    }

    /** Empty if there was too little memory. */
    private <T> Optional<T> attempt(GpuLane lane, boolean alone, Function<DeviceWork, T> operation) {
        try (DevicePool.Turn _ = lane.memory().turn(alone)) {
            if (alone) {
                lane.memory().trim();
            }
            return open(lane) ? Optional.of(work(lane, operation)) : Optional.empty();
        } catch (CudaException e) {
            if (e.isOutOfMemory()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private <T> T work(GpuLane lane, Function<DeviceWork, T> operation) {
        boolean returning = false;
        try (DeviceWork work = new DeviceWork(engine)) {
            try {
                return operation.apply(work);
            } finally {
                returning = work.returning();
            }
        } catch (CudaException e) {
            if (returning) {
                // Operands may be overwritten in part.
                throw lane.fault(e);
            }
            throw e;
        }
    }

    /** Opens stream and libraries when they are first needed; a library that refuses is as good as none. */
    private boolean open(GpuLane lane) {
        if (engine == null) {
            try {
                engine = new DeviceEngine(lane);
            } catch (CudaException e) {
                if (e.isOutOfMemory()) {
                    throw e;
                }
                refuse(lane, e);
            } catch (LinkageError e) {
                refuse(lane, e);
            }
        }
        return engine != null;
    }

    private void refuse(GpuLane lane, Throwable e) {
        off = true;
        lane.notice("matrices were left to the processor: " + e.getMessage());
    }

    @Override
    public void reserve(long bytes) {
        host.reserve(bytes);
    }

    @Override
    public Held hold(Matrix a) {
        held.put(a, Optional.empty());
        return () -> release(a);
    }

    private void release(Matrix a) {
        Optional<DeviceHeld> copy = held.remove(a);
        if (copy != null && copy.isPresent()) {
            try {
                copy.get().close();
            } catch (CudaException e) {
                // The GPU failed, which those are told who need it.
                off = true;
            }
        }
    }

    /** An operand on the GPU: a copy of its own, or that of a matrix that does not change. */
    private DeviceMatrix operand(Matrix a, DeviceWork work) {
        Optional<DeviceHeld> copy = held.get(a);
        if (copy == null) {
            return work.upload(a);
        }
        if (copy.isEmpty()) {
            copy = Optional.of(new DeviceHeld(engine, a));
            held.put(a, copy);
        }
        return copy.get().matrix();
    }

    @Override
    public void gemm(double alpha, Matrix a, boolean transposeA, Matrix b, boolean transposeB, double beta, Matrix c) {
        int inner = transposeA ? a.rows() : a.cols();
        DeviceCost cost = DeviceCost.gemm(
                c.rows(), c.cols(), inner, !held.containsKey(a), !held.containsKey(b), beta != 0, c.precision());
        boolean done = inner > 0 && c.smaller() > 0
                && onDevice(cost, () -> Operands.gemm(a, transposeA, b, transposeB, c), work -> {
                    DeviceMatrix left = operand(a, work);
                    DeviceMatrix right = b.equals(a) ? left : operand(b, work);
                    DeviceMatrix result = beta == 0 ? work.matrix(c.rows(), c.cols(), c.precision()) : work.upload(c);
                    work.multiply(alpha, left, transposeA, right, transposeB, beta, result);
                    work.download(result, c);
                    return true;
                }).isPresent();
        if (!done) {
            host.gemm(alpha, a, transposeA, b, transposeB, beta, c);
        }
    }

    @Override
    public void gram(Matrix a, boolean ofRows, Matrix square) {
        DeviceCost cost = DeviceCost.gram(square.rows(), ofRows ? a.cols() : a.rows(), a.precision());
        boolean done = a.smaller() > 0
                && onDevice(cost, () -> Operands.gram(a, ofRows, square), work -> {
                    work.download(work.mirrored(work.lowerSquare(work.uploadWide(a), ofRows)), square);
                    return true;
                }).isPresent();
        if (!done) {
            host.gram(a, ofRows, square);
        }
    }

    @Override
    public void copy(Matrix from, Matrix to) {
        host.copy(from, to);
    }

    @Override
    public void scaleColumns(Matrix a, Matrix factors) {
        host.scaleColumns(a, factors);
    }

    @Override
    public double dot(Matrix a, Matrix b) {
        return host.dot(a, b);
    }

    @Override
    public double norm(Matrix a) {
        return host.norm(a);
    }

    @Override
    public boolean isFinite(Matrix a) {
        return host.isFinite(a);
    }

    @Override
    public double largest(Matrix a) {
        return host.largest(a);
    }

    /** Whether a decomposition goes through the Gram matrix. */
    private static boolean byGram(Matrix a) {
        return a.smaller() > 0 && ThinSvd.route(a.precision()) == Route.GRAM;
    }

    @Override
    public Route svd(Matrix a, Svd into) {
        return exact(a, into).orElseGet(() -> host.svd(a, into));
    }

    private Optional<Route> exact(Matrix a, Svd into) {
        return !byGram(a) ? Optional.empty() : onDevice(DeviceCost.svd(a, into.rank()), () -> Operands.svd(a, into), work -> {
            DeviceSvd.compute(a, into, work);
            return Route.GRAM;
        });
    }

    @Override
    public Route truncatedSvd(Matrix a, Svd into, Sketch sketch) {
        if (byGram(a) && TruncatedSvd.sketches(a.rows(), a.cols(), into.rank())) {
            Optional<Boolean> found = onDevice(
                    DeviceCost.sketch(a, TruncatedSvd.width(into.rank())),
                    () -> Operands.truncatedSvd(a, into),
                    work -> DeviceSketch.compute(a, into, sketch, work));
            if (found.isPresent()) {
                return found.get() ? Route.RANDOMISED : svd(a, into);
            }
            return host.truncatedSvd(a, into, sketch);
        }
        return exact(a, into).orElseGet(() -> host.truncatedSvd(a, into, sketch));
    }

    @Override
    public void eigh(Matrix a, Matrix values) {
        DeviceCost cost = DeviceCost.eigen(a.rows(), a.precision());
        boolean done = a.rows() > 0 && onDevice(cost, () -> Operands.eigh(a, values), work -> {
            DeviceMatrix vectors = work.upload(a);
            DeviceMatrix found = work.eigen(vectors, true);
            work.download(vectors, a);
            work.download(found, values);
            return true;
        }).isPresent();
        if (!done) {
            host.eigh(a, values);
        }
    }

    @Override
    public void qr(Matrix a, Matrix r) {
        boolean done = a.cols() > 0 && onDevice(DeviceCost.qr(a), () -> Operands.qr(a, r), work -> {
            DeviceMatrix columns = work.upload(a);
            DeviceMatrix triangle = work.matrix(a.cols(), r.cols(), a.precision());
            work.qr(columns, triangle);
            work.download(columns, a);
            if (r.cols() > 0) {
                work.download(triangle, r);
                clearBelow(r);
            }
            return true;
        }).isPresent();
        if (!done) {
            host.qr(a, r);
        }
    }

    private static void clearBelow(Matrix r) {
        for (int col = 0; col < r.cols(); col++) {
            r.column(col).asSlice((col + 1L) * r.precision().bytes()).fill((byte) 0);
        }
    }

    @Override
    public int polar(Matrix a, double rankTolerance, Matrix q) {
        Optional<Integer> rank = !byGram(a) ? Optional.empty() : onDevice(
                DeviceCost.polar(a), () -> Operands.polar(a, q), work -> DevicePolar.compute(a, rankTolerance, q, work));
        return rank.orElseGet(() -> host.polar(a, rankTolerance, q));
    }

    @Override
    public double orthogonality(Matrix q) {
        return host.orthogonality(q);
    }

    @Override
    public SvdCheck check(Matrix a, Svd svd) {
        return host.check(a, svd);
    }

    @Override
    public void close() {
        try {
            List.copyOf(held.keySet()).forEach(this::release);
            if (engine != null) {
                engine.close();
            }
        } catch (CudaException e) {
            // The GPU failed, which those were told who needed it.
            off = true;
        } finally {
            host.close();
        }
    }
}
