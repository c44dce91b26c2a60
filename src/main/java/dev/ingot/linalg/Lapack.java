// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.error.ResourceException;
import dev.ingot.ffi.openblas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * LAPACK's factorisations of matrices of either precision, with their work space taken from a frame. Each has a companion that
 * says in advance how many bytes that is.
 */
final class Lapack {
    private static final int COLUMNS = OpenBlas.LAPACK_COL_MAJOR();
    private static final int QUERY = -1;
    private static final int INT_BYTES = 4;

    private Lapack() {}

    private static boolean single(Precision precision) {
        return precision == Precision.F32;
    }

    /** What LAPACK is told of a matrix. A query for the size of the work space has no memory yet. */
    private record Operand(MemorySegment data, int rows, int cols, int stride, Precision precision) {
        static Operand of(Matrix matrix) {
            return new Operand(matrix.data(), matrix.rows(), matrix.cols(), matrix.stride(), matrix.precision());
        }

        static Operand shape(int rows, int cols, Precision precision) {
            return new Operand(MemorySegment.NULL, rows, cols, Math.max(1, rows), precision);
        }
    }

    /** The size of a work array as LAPACK tells it: a floating-point number, which in float32 may have been rounded down. */
    private static int told(MemorySegment work, Precision precision, String routine) {
        double size = single(precision)
                ? Math.nextUp(work.get(ValueLayout.JAVA_FLOAT, 0))
                : work.get(ValueLayout.JAVA_DOUBLE, 0);
        if (size > Integer.MAX_VALUE) {
            throw new ResourceException(
                    "the matrix is too large for " + routine + ", which counts its work space in 32-bit integers",
                    "leave this tensor out");
        }
        return Math.max(1, (int) Math.ceil(size));
    }

    private static long space(int elements, Precision precision) {
        return Scratch.padded((long) elements * precision.bytes());
    }

    /** Throws unless a routine reports success; {@code info > 0} is for the routines to judge. */
    private static void requireValid(String routine, int info) {
        if (info < 0) {
            throw new IllegalStateException(routine + " refuses its argument " + -info);
        }
    }

    private static void requireConverged(String routine, int info) {
        requireValid(routine, info);
        if (info > 0) {
            throw new ConvergenceException(routine + " did not converge (info " + info + ")");
        }
    }

    /** Divide and conquer: {@code job} is 'S' for thin factors or 'N' for none. */
    private static int gesdd(
            char job, Operand a, Operand s, Operand u, Operand vt, MemorySegment work, int size, MemorySegment integers) {
        return single(a.precision())
                ? OpenBlas.LAPACKE_sgesdd_work(COLUMNS, (byte) job, a.rows(), a.cols(), a.data(), a.stride(), s.data(),
                        u.data(), u.stride(), vt.data(), vt.stride(), work, size, integers)
                : OpenBlas.LAPACKE_dgesdd_work(COLUMNS, (byte) job, a.rows(), a.cols(), a.data(), a.stride(), s.data(),
                        u.data(), u.stride(), vt.data(), vt.stride(), work, size, integers);
    }

    private static int gesvd(
            char job, Operand a, Operand s, Operand u, Operand vt, MemorySegment work, int size) {
        return single(a.precision())
                ? OpenBlas.LAPACKE_sgesvd_work(COLUMNS, (byte) job, (byte) job, a.rows(), a.cols(), a.data(),
                        a.stride(), s.data(), u.data(), u.stride(), vt.data(), vt.stride(), work, size)
                : OpenBlas.LAPACKE_dgesvd_work(COLUMNS, (byte) job, (byte) job, a.rows(), a.cols(), a.data(),
                        a.stride(), s.data(), u.data(), u.stride(), vt.data(), vt.stride(), work, size);
    }

    private static int svdSize(boolean conquer, boolean vectors, int rows, int cols, Precision precision) {
        int k = Math.min(rows, cols);
        Operand a = Operand.shape(rows, cols, precision);
        Operand s = Operand.shape(k, 1, precision);
        Operand u = Operand.shape(rows, k, precision);
        Operand vt = Operand.shape(k, cols, precision);
        char job = vectors ? 'S' : 'N';
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ValueLayout.JAVA_DOUBLE);
            int info = conquer
                    ? gesdd(job, a, s, u, vt, answer, QUERY, answer)
                    : gesvd(job, a, s, u, vt, answer, QUERY);
            requireValid(conquer ? "gesdd" : "gesvd", info);
            return told(answer, precision, conquer ? "gesdd" : "gesvd");
        }
    }

    /** Work space of {@link #svd}, which includes a copy of the matrix. */
    static long svdBytes(boolean vectors, int rows, int cols, Precision precision) {
        long conquer = space(svdSize(true, vectors, rows, cols, precision), precision)
                + Scratch.padded(8L * INT_BYTES * Math.min(rows, cols));
        long iterate = space(svdSize(false, vectors, rows, cols, precision), precision);
        return Scratch.matrix(rows, cols, precision) + Math.max(conquer, iterate);
    }

    /**
     * All singular values of a matrix, descending, and its thin factors where both {@code u} and {@code vt} have columns.
     * Divide and conquer, which is fast, and where that does not converge the QR iteration, which is slower and robust.
     */
    static void svd(Matrix a, Matrix s, Matrix u, Matrix vt, Scratch scratch) {
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix copy = frame.matrix(a.rows(), a.cols(), a.precision());
            Blas.copy(a, copy);
            if (!conquers(copy, s, u, vt, scratch)) {
                Blas.copy(a, copy);
                iterate(copy, s, u, vt, scratch);
            }
        }
    }

    private static boolean conquers(Matrix copy, Matrix s, Matrix u, Matrix vt, Scratch scratch) {
        boolean vectors = u.cols() > 0;
        int size = svdSize(true, vectors, copy.rows(), copy.cols(), copy.precision());
        try (Scratch.Frame frame = scratch.frame()) {
            int info = gesdd(vectors ? 'S' : 'N', Operand.of(copy), Operand.of(s), Operand.of(u), Operand.of(vt),
                    frame.bytes((long) size * copy.precision().bytes()), size,
                    frame.bytes(8L * INT_BYTES * copy.smaller()));
            requireValid("gesdd", info);
            return info == 0 && Double.isFinite(Blas.dot(s, s));
        }
    }

    /** The QR iteration alone, on a matrix that it overwrites. */
    static void iterate(Matrix a, Matrix s, Matrix u, Matrix vt, Scratch scratch) {
        boolean vectors = u.cols() > 0;
        int size = svdSize(false, vectors, a.rows(), a.cols(), a.precision());
        try (Scratch.Frame frame = scratch.frame()) {
            requireConverged("gesvd", gesvd(
                    vectors ? 'S' : 'N', Operand.of(a), Operand.of(s), Operand.of(u), Operand.of(vt),
                    frame.bytes((long) size * a.precision().bytes()), size));
        }
    }

    /**
     * From this order on, values alone go through a band matrix: the tridiagonal form of one larger than the processor's
     * caches waits for memory at every reflection.
     */
    private static final int BAND = 3072;

    private static int syevd(boolean vectors, Operand a, Operand w, MemorySegment work, int size,
            MemorySegment integers, int count) {
        byte job = (byte) (vectors ? 'V' : 'N');
        if (!vectors && !single(a.precision()) && a.rows() >= BAND) {
            return OpenBlas.LAPACKE_dsyevd_2stage_work(COLUMNS, job, (byte) 'L', a.rows(), a.data(), a.stride(), w.data(),
                    work, size, integers, count);
        }
        return single(a.precision())
                ? OpenBlas.LAPACKE_ssyevd_work(COLUMNS, job, (byte) 'L', a.rows(), a.data(), a.stride(), w.data(), work,
                        size, integers, count)
                : OpenBlas.LAPACKE_dsyevd_work(COLUMNS, job, (byte) 'L', a.rows(), a.data(), a.stride(), w.data(), work,
                        size, integers, count);
    }

    private record EighSizes(int reals, int integers) {
        long bytes(Precision precision) {
            return space(reals, precision) + Scratch.padded((long) INT_BYTES * integers);
        }

        static EighSizes of(boolean vectors, int order, Precision precision) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment reals = arena.allocate(ValueLayout.JAVA_DOUBLE);
                MemorySegment integers = arena.allocate(ValueLayout.JAVA_INT);
                requireValid("syevd", syevd(vectors, Operand.shape(order, order, precision), Operand.shape(order, 1, precision), reals,
                        QUERY, integers, QUERY));
                return new EighSizes(told(reals, precision, "syevd"), integers.get(ValueLayout.JAVA_INT, 0));
            }
        }
    }

    /** Work space of {@link #eigh}. */
    static long eighBytes(boolean vectors, int order, Precision precision) {
        return EighSizes.of(vectors, order, precision).bytes(precision);
    }

    /** Eigenvalues of a symmetric matrix, ascending, from its lower triangle, which eigenvectors or nothing of use replace. */
    static void eigh(boolean vectors, Matrix a, Matrix values, Scratch scratch) {
        EighSizes sizes = EighSizes.of(vectors, a.rows(), a.precision());
        try (Scratch.Frame frame = scratch.frame()) {
            requireConverged("syevd", syevd(vectors, Operand.of(a), Operand.of(values),
                    frame.bytes((long) sizes.reals() * a.precision().bytes()), sizes.reals(),
                    frame.bytes((long) INT_BYTES * sizes.integers()), sizes.integers()));
        }
    }

    private static int sytrd(Operand a, Operand d, Operand e, Operand tau, MemorySegment work, int size) {
        return OpenBlas.LAPACKE_dsytrd_work(
                COLUMNS, (byte) 'L', a.rows(), a.data(), a.stride(), d.data(), e.data(), tau.data(), work, size);
    }

    private static int tridiagonalSize(int order) {
        Operand column = Operand.shape(order, 1, Precision.F64);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ValueLayout.JAVA_DOUBLE);
            requireValid("sytrd", sytrd(
                    Operand.shape(order, order, Precision.F64), column, column, column, answer, QUERY));
            return told(answer, Precision.F64, "sytrd");
        }
    }

    /** Work space of {@link #tridiagonal}. */
    static long tridiagonalBytes(int order) {
        return space(tridiagonalSize(order), Precision.F64);
    }

    /**
     * The tridiagonal matrix similar to a symmetric float64 one, of which the lower triangle is read and replaced by the
     * vectors of the reflections.
     *
     * @param beside  receives the elements beside the diagonal
     * @param factors receives the factors of the reflections
     */
    static void tridiagonal(Matrix a, Matrix diagonal, Matrix beside, Matrix factors, Scratch scratch) {
        int size = tridiagonalSize(a.rows());
        try (Scratch.Frame frame = scratch.frame()) {
            requireValid("sytrd", sytrd(Operand.of(a), Operand.of(diagonal), Operand.of(beside), Operand.of(factors),
                    frame.bytes((long) size * Precision.F64.bytes()), size));
        }
    }

    private static int stedc(Operand d, Operand e, Operand z, MemorySegment work, int size, MemorySegment integers, int count) {
        return OpenBlas.LAPACKE_dstedc_work(
                COLUMNS, (byte) 'I', d.rows(), d.data(), e.data(), z.data(), z.stride(), work, size, integers, count);
    }

    private static EighSizes conquerSizes(int order) {
        Operand column = Operand.shape(order, 1, Precision.F64);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment reals = arena.allocate(ValueLayout.JAVA_DOUBLE);
            MemorySegment integers = arena.allocate(ValueLayout.JAVA_INT);
            requireValid("stedc", stedc(
                    column, column, Operand.shape(order, order, Precision.F64), reals, QUERY, integers, QUERY));
            return new EighSizes(told(reals, Precision.F64, "stedc"), integers.get(ValueLayout.JAVA_INT, 0));
        }
    }

    /** Work space of {@link #conquer}. */
    static long conquerBytes(int order) {
        return conquerSizes(order).bytes(Precision.F64);
    }

    /** Eigenvalues, ascending, that replace the diagonal, and eigenvectors of a tridiagonal matrix, by divide and conquer. */
    static void conquer(Matrix diagonal, Matrix beside, Matrix vectors, Scratch scratch) {
        EighSizes sizes = conquerSizes(diagonal.rows());
        try (Scratch.Frame frame = scratch.frame()) {
            requireConverged("stedc", stedc(Operand.of(diagonal), Operand.of(beside), Operand.of(vectors),
                    frame.bytes((long) sizes.reals() * Precision.F64.bytes()), sizes.reals(),
                    frame.bytes((long) INT_BYTES * sizes.integers()), sizes.integers()));
        }
    }

    /**
     * Cholesky factor of a symmetric float64 matrix, of which the lower triangle is read and replaced.
     *
     * @return whether the matrix is positive definite
     */
    static boolean cholesky(Matrix a) {
        int info = OpenBlas.LAPACKE_dpotrf_work(COLUMNS, (byte) 'L', a.rows(), a.data(), a.stride());
        requireValid("potrf", info);
        return info == 0;
    }

    /** Inverse of the float64 matrix that this is the Cholesky factor of, as a lower triangle in its place; false if it is singular. */
    static boolean invertFactored(Matrix lower) {
        int info = OpenBlas.LAPACKE_dpotri_work(COLUMNS, (byte) 'L', lower.rows(), lower.data(), lower.stride());
        requireValid("potri", info);
        return info == 0;
    }

    /** Work space of {@link #panel}. */
    static long panelBytes(int width) {
        return 2 * Scratch.matrix(width, width, Precision.F32);
    }

    /**
     * Householder QR of few columns of a float32 matrix, by products as far as possible. The triangle and, below it, the vectors
     * of the reflections replace them.
     *
     * @param factors receives those of the reflections, as many as the smaller of the panel's dimensions
     */
    static void panel(Matrix a, Matrix factors, Scratch scratch) {
        int count = a.smaller();
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix triangle = frame.matrix(count, count, Precision.F32);
            Matrix work = frame.matrix(count, a.cols(), Precision.F32);
            requireValid("geqrt", OpenBlas.LAPACKE_sgeqrt_work(COLUMNS, a.rows(), a.cols(), count, a.data(), a.stride(),
                    triangle.data(), triangle.stride(), work.data()));
            for (int j = 0; j < count; j++) {
                factors.set(j, 0, triangle.get(j, j));
            }
        }
    }

    private static int geqrf(Operand a, Operand tau, MemorySegment work, int size) {
        return single(a.precision())
                ? OpenBlas.LAPACKE_sgeqrf_work(COLUMNS, a.rows(), a.cols(), a.data(), a.stride(), tau.data(), work, size)
                : OpenBlas.LAPACKE_dgeqrf_work(COLUMNS, a.rows(), a.cols(), a.data(), a.stride(), tau.data(), work, size);
    }

    private static int orgqr(Operand a, Operand tau, MemorySegment work, int size) {
        return single(a.precision())
                ? OpenBlas.LAPACKE_sorgqr_work(COLUMNS, a.rows(), a.cols(), a.cols(), a.data(), a.stride(), tau.data(),
                        work, size)
                : OpenBlas.LAPACKE_dorgqr_work(COLUMNS, a.rows(), a.cols(), a.cols(), a.data(), a.stride(), tau.data(),
                        work, size);
    }

    private static int qrSize(int rows, int cols, Precision precision) {
        Operand a = Operand.shape(rows, cols, precision);
        Operand tau = Operand.shape(cols, 1, precision);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(ValueLayout.JAVA_DOUBLE);
            requireValid("geqrf", geqrf(a, tau, answer, QUERY));
            int first = told(answer, precision, "geqrf");
            requireValid("orgqr", orgqr(a, tau, answer, QUERY));
            return Math.max(first, told(answer, precision, "orgqr"));
        }
    }

    /** Work space of {@link #qr}. */
    static long qrBytes(int rows, int cols, Precision precision) {
        return Scratch.matrix(cols, 1, precision) + space(qrSize(rows, cols, precision), precision);
    }

    /**
     * Householder QR of a matrix that has no more columns than rows. Orthonormal columns replace it, whatever its rank.
     *
     * @param r receives the upper triangle if it has as many columns, the triangle's diagonal if it has one, or nothing
     */
    static void qr(Matrix a, Matrix r, Scratch scratch) {
        int size = qrSize(a.rows(), a.cols(), a.precision());
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix tau = frame.matrix(a.cols(), 1, a.precision());
            MemorySegment work = frame.bytes((long) size * a.precision().bytes());
            requireValid("geqrf", geqrf(Operand.of(a), Operand.of(tau), work, size));
            if (r.cols() == a.cols()) {
                for (int col = 0; col < r.cols(); col++) {
                    r.column(col).fill((byte) 0);
                }
                Blas.copyUpper(a.block(0, 0, a.cols(), a.cols()), r);
            } else if (r.cols() > 0) {
                for (int col = 0; col < a.cols(); col++) {
                    r.set(col, 0, a.get(col, col));
                }
            }
            requireValid("orgqr", orgqr(Operand.of(a), Operand.of(tau), work, size));
        }
    }
}
