// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.cuda.CublasHandle;
import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.CudaStream;
import dev.ingot.cuda.CusolverHandle;
import dev.ingot.cuda.Owned;
import dev.ingot.ffi.CublasLibrary;
import dev.ingot.ffi.CusolverLibrary;
import dev.ingot.ffi.SharedLibrary;
import dev.ingot.kernel.GpuLane;
import java.util.Optional;

/** What one thread works on a GPU with: a stream, and cuBLAS and cuSOLVER on it. Keeps the GPU's context. */
final class DeviceEngine implements AutoCloseable {
    private final GpuLane lane;
    private final Owned owned = new Owned();
    private final CudaStream stream;
    private final CublasHandle blas;
    private final CusolverHandle solver;

    /**
     * Opens it for the calling thread.
     *
     * @throws CudaException if the GPU or a library refuses
     */
    DeviceEngine(GpuLane lane) {
        this.lane = lane;
        try {
            owned.add(lane.hold()::run);
            stream = owned.add(CudaStream.create());
            blas = owned.add(CublasHandle.create(stream));
            solver = owned.add(CusolverHandle.create(stream));
            owned.add(lane::makeCurrent);
        } catch (RuntimeException | Error e) {
            owned.closeAfter(e);
            throw e;
        }
    }

    /** Why there can be none on this machine, and what to do, in one line; empty if both libraries are there. */
    static Optional<String> refusal() {
        return refusal("cuBLAS", CublasLibrary.open(), CublasLibrary.HINT)
                .or(() -> refusal("cuSOLVER", CusolverLibrary.open(), CusolverLibrary.HINT));
    }

    static Optional<String> refusal(String name, SharedLibrary outcome, String hint) {
        return outcome instanceof SharedLibrary.Unavailable(String reason)
                ? Optional.of("no " + name + ": " + reason + "; " + hint)
                : Optional.empty();
    }

    GpuLane lane() {
        return lane;
    }

    CudaStream stream() {
        return stream;
    }

    CublasHandle blas() {
        return blas;
    }

    CusolverHandle solver() {
        return solver;
    }

    @Override
    public void close() {
        owned.close();
    }
}
