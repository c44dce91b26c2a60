// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cublas.Cublas;
import dev.ingot.ffi.cusolver.Cusolver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.ToIntFunction;

/**
 * cuSOLVER's dense factorisations on a stream, of matrices as those of {@link CublasHandle}. What a routine finds (LAPACK's
 * info) it writes to device memory. Confined to the thread that created it, which needs the context to be current.
 */
public final class CusolverHandle implements AutoCloseable {
    private final MemorySegment handle;
    private final MemorySegment params;

    /**
     * Work space of a routine in bytes.
     *
     * @param device on the GPU
     * @param host   on the host, to be kept until the stream has come to the end of the routine
     */
    public record Space(long device, long host) {}

    private CusolverHandle(MemorySegment handle, MemorySegment params) {
        this.handle = handle;
        this.params = params;
    }

    /** On a stream of the current context; the caller closes it before the stream. */
    public static CusolverHandle create(CudaStream stream) {
        MemorySegment handle = pointer("cusolverDnCreate", Cusolver::cusolverDnCreate);
        try {
            check("cusolverDnSetStream", Cusolver.cusolverDnSetStream(handle, stream.handle()));
            return new CusolverHandle(handle, pointer("cusolverDnCreateParams", Cusolver::cusolverDnCreateParams));
        } catch (CudaException e) {
            Cusolver.cusolverDnDestroy(handle);
            throw e;
        }
    }

    private static MemorySegment pointer(String function, ToIntFunction<MemorySegment> call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            check(function, call.applyAsInt(pointer));
            return pointer.get(ValueLayout.ADDRESS, 0);
        }
    }

    private static void check(String function, int status) {
        if (status != Cusolver.CUSOLVER_STATUS_SUCCESS()) {
            throw new CudaException(function, status, text(status), status == Cusolver.CUSOLVER_STATUS_ALLOC_FAILED());
        }
    }

    /** The library has no names of its own for them. */
    private static String text(int status) {
        if (status == Cusolver.CUSOLVER_STATUS_ALLOC_FAILED()) {
            return "CUSOLVER_STATUS_ALLOC_FAILED";
        }
        if (status == Cusolver.CUSOLVER_STATUS_EXECUTION_FAILED()) {
            return "CUSOLVER_STATUS_EXECUTION_FAILED";
        }
        if (status == Cusolver.CUSOLVER_STATUS_INTERNAL_ERROR()) {
            return "CUSOLVER_STATUS_INTERNAL_ERROR";
        }
        return "status " + status;
    }

    private static int type(boolean wide) {
        return wide ? Cublas.CUDA_R_64F() : Cublas.CUDA_R_32F();
    }

    private static int job(boolean vectors) {
        return vectors ? Cusolver.CUSOLVER_EIG_MODE_VECTOR() : Cusolver.CUSOLVER_EIG_MODE_NOVECTOR();
    }

    /** Calls a function that tells two sizes. */
    private static Space space(String function, SpaceCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment device = arena.allocate(ValueLayout.JAVA_LONG);
            MemorySegment host = arena.allocate(ValueLayout.JAVA_LONG);
            check(function, call.call(device, host));
            return new Space(device.get(ValueLayout.JAVA_LONG, 0), host.get(ValueLayout.JAVA_LONG, 0));
        }
    }

    /** A function that writes two sizes. */
    @FunctionalInterface
    private interface SpaceCall {
        int call(MemorySegment device, MemorySegment host);
    }

    /** Work space of {@link #eigen}. */
    public Space eigenSpace(boolean wide, boolean vectors, int order, MemorySegment a, MemorySegment values) {
        int type = type(wide);
        return space("cusolverDnXsyevd_bufferSize", (device, host) -> Cusolver.cusolverDnXsyevd_bufferSize(
                handle, params, job(vectors), Cublas.CUBLAS_FILL_MODE_LOWER(), order, type, a, order, type, values, type,
                device, host));
    }

    /**
     * Eigenvalues, ascending, of a packed symmetric matrix, from its lower triangle, which eigenvectors or nothing of use
     * replace.
     *
     * @param info one int of device memory; above 0 if it did not converge
     */
    public void eigen(boolean wide, boolean vectors, int order, MemorySegment a, MemorySegment values,
            MemorySegment deviceWork, MemorySegment hostWork, MemorySegment info) {
        int type = type(wide);
        check("cusolverDnXsyevd", Cusolver.cusolverDnXsyevd(
                handle, params, job(vectors), Cublas.CUBLAS_FILL_MODE_LOWER(), order, type, a, order, type, values, type,
                deviceWork, deviceWork.byteSize(), hostWork, hostWork.byteSize(), info));
    }

    /** Work space of {@link #reflections}. */
    public Space reflectionSpace(boolean wide, int rows, int cols, MemorySegment a, MemorySegment factors) {
        int type = type(wide);
        return space("cusolverDnXgeqrf_bufferSize", (device, host) -> Cusolver.cusolverDnXgeqrf_bufferSize(
                handle, params, rows, cols, type, a, rows, type, factors, type, device, host));
    }

    /** Householder QR in place of a packed matrix with at least as many rows as columns; see {@link #eigen} for the rest. */
    public void reflections(boolean wide, int rows, int cols, MemorySegment a, MemorySegment factors,
            MemorySegment deviceWork, MemorySegment hostWork, MemorySegment info) {
        int type = type(wide);
        check("cusolverDnXgeqrf", Cusolver.cusolverDnXgeqrf(
                handle, params, rows, cols, type, a, rows, type, factors, type, deviceWork, deviceWork.byteSize(),
                hostWork, hostWork.byteSize(), info));
    }

    /** Bytes of the GPU that {@link #columns} works in. */
    public long columnSpace(boolean wide, int rows, int cols, MemorySegment a, MemorySegment factors) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment elements = arena.allocate(ValueLayout.JAVA_INT);
            check("cusolverDnOrgqr_bufferSize", wide
                    ? Cusolver.cusolverDnDorgqr_bufferSize(handle, rows, cols, cols, a, rows, factors, elements)
                    : Cusolver.cusolverDnSorgqr_bufferSize(handle, rows, cols, cols, a, rows, factors, elements));
            return elements.get(ValueLayout.JAVA_INT, 0) * (long) (wide ? Double.BYTES : Float.BYTES);
        }
    }

    /** Replaces what {@link #reflections} made by orthonormal columns. */
    public void columns(boolean wide, int rows, int cols, MemorySegment a, MemorySegment factors, MemorySegment deviceWork,
            MemorySegment info) {
        int elements = Math.toIntExact(deviceWork.byteSize() / (wide ? Double.BYTES : Float.BYTES));
        check("cusolverDnOrgqr", wide
                ? Cusolver.cusolverDnDorgqr(handle, rows, cols, cols, a, rows, factors, deviceWork, elements, info)
                : Cusolver.cusolverDnSorgqr(handle, rows, cols, cols, a, rows, factors, deviceWork, elements, info));
    }

    /** Work space of {@link #cholesky}. */
    public Space choleskySpace(int order, MemorySegment a) {
        int type = type(true);
        return space("cusolverDnXpotrf_bufferSize", (device, host) -> Cusolver.cusolverDnXpotrf_bufferSize(
                handle, params, Cublas.CUBLAS_FILL_MODE_LOWER(), order, type, a, order, type, device, host));
    }

    /**
     * Cholesky factor of a packed symmetric float64 matrix in place of its lower triangle.
     *
     * @param info one int of device memory; 0 if the matrix is positive definite
     */
    public void cholesky(int order, MemorySegment a, MemorySegment deviceWork, MemorySegment hostWork, MemorySegment info) {
        int type = type(true);
        check("cusolverDnXpotrf", Cusolver.cusolverDnXpotrf(
                handle, params, Cublas.CUBLAS_FILL_MODE_LOWER(), order, type, a, order, type, deviceWork,
                deviceWork.byteSize(), hostWork, hostWork.byteSize(), info));
    }

    @Override
    public void close() {
        int first = Cusolver.cusolverDnDestroyParams(params);
        check("cusolverDnDestroy", Cusolver.cusolverDnDestroy(handle));
        check("cusolverDnDestroyParams", first);
    }
}
