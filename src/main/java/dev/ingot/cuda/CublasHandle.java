// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cublas.Cublas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * cuBLAS on a stream. Matrices lie in device memory, column by column; {@code wide} says that elements are float64 instead of
 * float32, and sums are in the elements' precision. Everything is only asked for: results are there when the stream has come
 * to them. The context must be current wherever it is used. Confined to the thread that created it.
 */
public final class CublasHandle implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment alpha = arena.allocate(ValueLayout.JAVA_DOUBLE);
    private final MemorySegment beta = arena.allocate(ValueLayout.JAVA_DOUBLE);
    private final MemorySegment handle;

    private CublasHandle(MemorySegment handle) {
        this.handle = handle;
    }

    /** On a stream of the current context; the caller closes it before the stream. cuBLAS takes some tens of MiB of the GPU. */
    public static CublasHandle create(CudaStream stream) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pointer = arena.allocate(ValueLayout.ADDRESS);
            check("cublasCreate_v2", Cublas.cublasCreate_v2(pointer));
            CublasHandle created = new CublasHandle(pointer.get(ValueLayout.ADDRESS, 0));
            try {
                check("cublasSetStream_v2", Cublas.cublasSetStream_v2(created.handle, stream.handle()));
            } catch (CudaException e) {
                created.close();
                throw e;
            }
            return created;
        }
    }

    private static void check(String function, int status) {
        if (status != Cublas.CUBLAS_STATUS_SUCCESS()) {
            String name = Cublas.cublasGetStatusName(status).reinterpret(DriverCall.TEXT).getString(0);
            throw new CudaException(function, status, name, status == Cublas.CUBLAS_STATUS_ALLOC_FAILED());
        }
    }

    private static int operation(boolean transpose) {
        return transpose ? Cublas.CUBLAS_OP_T() : Cublas.CUBLAS_OP_N();
    }

    private static MemorySegment scalar(MemorySegment place, boolean wide, double value) {
        if (wide) {
            place.set(ValueLayout.JAVA_DOUBLE, 0, value);
        } else {
            place.set(ValueLayout.JAVA_FLOAT, 0, (float) value);
        }
        return place;
    }

    /**
     * A matrix as cuBLAS is told of it.
     *
     * @param data   its first element
     * @param stride elements from one column to the next
     */
    public record Operand(MemorySegment data, int stride) {}

    /** c = x op(a) op(b) + y c, where c is m x n and k is summed over; with y 0, what c held does not matter. */
    public void multiply(boolean wide, double x, Operand a, boolean transposeA, Operand b, boolean transposeB, double y,
            Operand c, int m, int n, int k) {
        MemorySegment first = scalar(alpha, wide, x);
        MemorySegment second = scalar(beta, wide, y);
        if (wide) {
            check("cublasDgemm_v2", Cublas.cublasDgemm_v2(handle, operation(transposeA), operation(transposeB), m, n, k,
                    first, a.data(), a.stride(), b.data(), b.stride(), second, c.data(), c.stride()));
        } else {
            check("cublasSgemm_v2", Cublas.cublasSgemm_v2(handle, operation(transposeA), operation(transposeB), m, n, k,
                    first, a.data(), a.stride(), b.data(), b.stride(), second, c.data(), c.stride()));
        }
    }

    /** The lower triangle of a^T a, or of a a^T, of order n, in float64; k is summed over. */
    public void square(Operand a, boolean ofRows, Operand c, int n, int k) {
        check("cublasDsyrk_v2", Cublas.cublasDsyrk_v2(handle, Cublas.CUBLAS_FILL_MODE_LOWER(), operation(!ofRows), n, k,
                scalar(alpha, true, 1), a.data(), a.stride(), scalar(beta, true, 0), c.data(), c.stride()));
    }

    /** c = x a + y op(b), all m x n; c may be a. */
    public void add(boolean wide, double x, Operand a, double y, Operand b, boolean transposeB, Operand c, int m, int n) {
        MemorySegment first = scalar(alpha, wide, x);
        MemorySegment second = scalar(beta, wide, y);
        int plain = Cublas.CUBLAS_OP_N();
        if (wide) {
            check("cublasDgeam", Cublas.cublasDgeam(handle, plain, operation(transposeB), m, n, first, a.data(), a.stride(),
                    second, b.data(), b.stride(), c.data(), c.stride()));
        } else {
            check("cublasSgeam", Cublas.cublasSgeam(handle, plain, operation(transposeB), m, n, first, a.data(), a.stride(),
                    second, b.data(), b.stride(), c.data(), c.stride()));
        }
    }

    /** Multiplies every column of an m x n matrix by a factor of its own. */
    public void scaleColumns(boolean wide, Operand a, MemorySegment factors, int m, int n) {
        int right = Cublas.CUBLAS_SIDE_RIGHT();
        if (wide) {
            check("cublasDdgmm", Cublas.cublasDdgmm(
                    handle, right, m, n, a.data(), a.stride(), factors, 1, a.data(), a.stride()));
        } else {
            check("cublasSdgmm", Cublas.cublasSdgmm(
                    handle, right, m, n, a.data(), a.stride(), factors, 1, a.data(), a.stride()));
        }
    }

    /** Sums of squares of the columns of an m x n float64 matrix. */
    public void columnSquares(Operand a, MemorySegment squares, int m, int n) {
        int type = Cublas.CUDA_R_64F();
        check("cublasGemmStridedBatchedEx", Cublas.cublasGemmStridedBatchedEx(handle, operation(true), operation(false), 1, 1,
                m, scalar(alpha, true, 1), a.data(), type, a.stride(), a.stride(), a.data(), type, a.stride(), a.stride(),
                scalar(beta, true, 0), squares, type, 1, 1, n, Cublas.CUBLAS_COMPUTE_64F(), Cublas.CUBLAS_GEMM_DEFAULT()));
    }

    @Override
    public void close() {
        arena.close();
        check("cublasDestroy_v2", Cublas.cublasDestroy_v2(handle));
    }
}
