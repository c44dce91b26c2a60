// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.error.DeviceException;
import dev.ingot.ffi.OpenBlasLibrary;
import dev.ingot.ffi.SharedLibrary;
import dev.ingot.ffi.openblas.OpenBlas;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Products and factorisations of matrices, with the memory that they work in. Used by one thread at a time, the one that opened
 * it; several are independent of each other. Results depend on the inputs and on the processor's type, which OpenBLAS chooses
 * its kernels by, or on the GPU's and its libraries, and on nothing else.
 *
 * <p>Work space grows to what {@link WorkSpace} says, up to the limit that was set on opening, and stays for the next
 * operation; {@link #reserve} takes it at once. Beyond the limit operations throw
 * {@link dev.ingot.error.ResourceException}. Results may not overlap inputs unless it is said. Matrices of one operation have
 * one precision unless it is said. What does not fit together is an {@link IllegalArgumentException}.
 *
 * <p>Factorisations throw {@link FactorisationException} if the matrix holds NaN or infinity or LAPACK gives up.
 */
public interface LinearAlgebra extends AutoCloseable {
    /** Why there is none on this machine, in one line; empty if there is. */
    static Optional<String> refusal() {
        return OpenBlasLibrary.open() instanceof SharedLibrary.Unavailable(String reason)
                ? Optional.of(reason)
                : Optional.empty();
    }

    /**
     * Makes sure that there is one on this machine.
     *
     * @throws DeviceException if OpenBLAS is not there, with the reason
     */
    static void require() {
        refusal().ifPresent(reason -> {
            throw new DeviceException("linear algebra needs OpenBLAS: " + reason, OpenBlasLibrary.HINT);
        });
    }

    /**
     * What its results depend on besides the inputs: version and build of the library, the type of processor whose kernels it
     * chose, and the GPUs that matrices go to.
     *
     * @param backend of the lanes
     * @throws DeviceException if OpenBLAS is not there, with the reason
     */
    static String identity(Backend backend) {
        require();
        String device = backend.matrixDevice()
                .filter(_ -> DeviceEngine.refusal().isEmpty())
                .map(gpus -> " and " + gpus)
                .orElse("");
        return text(OpenBlas.openblas_get_config()) + " for " + text(OpenBlas.openblas_get_corename()) + device;
    }

    private static String text(MemorySegment string) {
        return string.reinterpret(Long.MAX_VALUE).getString(0).strip();
    }

    /**
     * Opens one for the calling thread.
     *
     * @param limit bytes of work space that it may take
     * @throws DeviceException if OpenBLAS is not there, with the reason
     */
    static LinearAlgebra open(long limit) {
        require();
        return new OpenBlasAlgebra(limit);
    }

    /**
     * Opens one for the calling thread that uses the GPU of its lane, where there is one, for what is worth the way there.
     * Results differ from those of {@link #open(long)} by rounding then.
     *
     * @param limit   bytes of work space that it may take
     * @param kernels may be closed before
     * @throws DeviceException if OpenBLAS is not there, with the reason; from operations too, if a GPU fails that was asked for
     */
    static LinearAlgebra open(long limit, Kernels kernels) {
        return CudaAlgebra.over(open(limit), kernels);
    }

    /** Takes this much work space now, so that operations that need no more take none. */
    void reserve(long bytes);

    /**
     * Promises that a matrix keeps its content until the promise is closed, so that a GPU fetches it once for all products with
     * it as a whole. A matrix may be held once at a time.
     */
    default Held hold(Matrix a) {
        return () -> {};
    }

    /** A promise about a matrix. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    /** c = alpha op(a) op(b) + beta c, where op transposes or not. With beta 0, what c held does not matter. */
    void gemm(double alpha, Matrix a, boolean transposeA, Matrix b, boolean transposeB, double beta, Matrix c);

    /**
     * a^T a, the products of all columns, or a a^T, those of all rows; summed in float64.
     *
     * @param ofRows whether it is a a^T
     * @param square float64, receives both triangles
     */
    void gram(Matrix a, boolean ofRows, Matrix square);

    /** Copies between matrices of one shape, perhaps of different precisions. */
    void copy(Matrix from, Matrix to);

    /**
     * Multiplies every column by a factor of its own.
     *
     * @param factors one column, a number for each column of a
     */
    void scaleColumns(Matrix a, Matrix factors);

    /** Sum of the products of elements at the same place, in float64. */
    double dot(Matrix a, Matrix b);

    /** The Frobenius norm, summed in float64. */
    double norm(Matrix a);

    /** Whether no element is NaN or infinite. */
    boolean isFinite(Matrix a);

    /** The largest magnitude; NaN if there is any. */
    double largest(Matrix a);

    /**
     * Singular values and leading vectors, exact up to the rounding of the elements: errors are below some roundings of the
     * largest value, and vectors are orthogonal whatever the rank.
     *
     * @param into receives as many values as it has room for and as many vectors, from none to all
     * @return how it was done
     */
    Route svd(Matrix a, Svd into);

    /**
     * Leading singular values and vectors of a matrix whose values fall off, faster than {@link #svd}; exactly as that one
     * where they do not.
     *
     * @param into receives the values and vectors, as many of the one as of the other
     * @return how it was done
     */
    Route truncatedSvd(Matrix a, Svd into, Sketch sketch);

    /**
     * Eigenvalues and eigenvectors of a symmetric matrix, of which the lower triangle is read.
     *
     * @param a      is overwritten with the eigenvectors, one a column
     * @param values one column, ascending
     */
    void eigh(Matrix a, Matrix values);

    /**
     * Thin QR of a matrix with at least as many rows as columns.
     *
     * @param a is overwritten with orthonormal columns, whatever its rank
     * @param r square, receives the upper triangle and zeros below; of no columns if it is not wanted
     */
    void qr(Matrix a, Matrix r);

    /**
     * The orthogonal factor of the polar decomposition a = q p: the nearest matrix with orthonormal columns, or rows.
     *
     * @param rankTolerance directions whose singular value is at most this, relative to the largest, are left out, so that q
     *                      is a partial isometry; below 0 all are kept, even where a has none and any choice would do
     * @param q             of a's shape
     * @return how many directions were kept
     */
    int polar(Matrix a, double rankTolerance, Matrix q);

    /** The Frobenius norm of q^T q - 1. */
    double orthogonality(Matrix q);

    /** Measures a decomposition that has vectors of both sides. */
    SvdCheck check(Matrix a, Svd svd);

    /** Gives the work space back. */
    @Override
    void close();
}
