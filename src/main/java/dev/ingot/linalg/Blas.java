// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.ffi.openblas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Products and copies of matrices of either precision. Shapes are the caller's business. */
final class Blas {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final int COLUMNS = OpenBlas.CblasColMajor();

    /** Elements that are widened at a time; two such parts stay in the first-level cache. */
    private static final int PART = 2048;

    /** Elements of short columns that are taken as one long column. */
    private static final int PIECE = 1 << 15;

    private static final long LINE = 64;

    private Blas() {}

    private static int transposed(boolean yes) {
        return yes ? OpenBlas.CblasTrans() : OpenBlas.CblasNoTrans();
    }

    /** c = alpha op(a) op(b) + beta c; with beta 0, what c held does not matter. */
    static void gemm(
            double alpha, Matrix a, boolean transposeA, Matrix b, boolean transposeB, double beta, Matrix c) {
        int inner = transposeA ? a.rows() : a.cols();
        if (c.rows() == 0 || c.cols() == 0) {
            return;
        }
        int ta = transposed(transposeA);
        int tb = transposed(transposeB);
        if (c.precision() == Precision.F32) {
            OpenBlas.cblas_sgemm(COLUMNS, ta, tb, c.rows(), c.cols(), inner, (float) alpha, a.data(), a.stride(),
                    b.data(), b.stride(), (float) beta, c.data(), c.stride());
        } else {
            OpenBlas.cblas_dgemm(COLUMNS, ta, tb, c.rows(), c.cols(), inner, alpha, a.data(), a.stride(),
                    b.data(), b.stride(), beta, c.data(), c.stride());
        }
    }

    /** Adds a multiple of a^T a, or of a a^T, to the lower triangle of a float64 matrix. */
    static void addSquare(double factor, Matrix a, boolean ofRows, Matrix lower) {
        if (a.rows() > 0 && a.cols() > 0) {
            OpenBlas.cblas_dsyrk(COLUMNS, OpenBlas.CblasLower(), transposed(!ofRows), lower.rows(),
                    ofRows ? a.cols() : a.rows(), factor, a.data(), a.stride(), 1, lower.data(), lower.stride());
        }
    }

    /** Replaces b by the solution x of {@code l x = b}, or of {@code l^T x = b}, where l is a lower triangle. */
    static void solveLower(Matrix lower, boolean transpose, Matrix b) {
        solve(OpenBlas.CblasLeft(), OpenBlas.CblasLower(), lower, transpose, b);
    }

    /** Replaces b by the solution x of {@code x l = b}, or of {@code x l^T = b}, where l is a lower triangle. */
    static void solveLowerRight(Matrix lower, boolean transpose, Matrix b) {
        solve(OpenBlas.CblasRight(), OpenBlas.CblasLower(), lower, transpose, b);
    }

    /** Replaces b by the solution x of {@code u x = b}, or of {@code u^T x = b}, where u is an upper triangle. */
    static void solveUpper(Matrix upper, boolean transpose, Matrix b) {
        solve(OpenBlas.CblasLeft(), OpenBlas.CblasUpper(), upper, transpose, b);
    }

    private static void solve(int side, int part, Matrix triangle, boolean transpose, Matrix b) {
        if (b.rows() == 0 || b.cols() == 0) {
            return;
        }
        if (b.precision() == Precision.F32) {
            OpenBlas.cblas_strsm(COLUMNS, side, part, transposed(transpose), OpenBlas.CblasNonUnit(), b.rows(), b.cols(), 1,
                    triangle.data(), triangle.stride(), b.data(), b.stride());
        } else {
            OpenBlas.cblas_dtrsm(COLUMNS, side, part, transposed(transpose), OpenBlas.CblasNonUnit(), b.rows(), b.cols(), 1,
                    triangle.data(), triangle.stride(), b.data(), b.stride());
        }
    }

    /** Adds a multiple of a float64 matrix to another. */
    static void add(double factor, Matrix a, Matrix to) {
        if (a.rows() > 0 && a.cols() > 0) {
            OpenBlas.cblas_dgeadd(COLUMNS, a.rows(), a.cols(), factor, a.data(), a.stride(), 1, to.data(), to.stride());
        }
    }

    /** Sets all elements to zero. */
    static void clear(Matrix a) {
        for (int col = 0; col < a.cols(); col++) {
            a.column(col).fill((byte) 0);
        }
    }

    /** Copies, rounding where the target has the smaller element type. */
    static void copy(Matrix from, Matrix to) {
        if (from.rows() == 0 || from.cols() == 0) {
            return;
        }
        if (from.precision() == to.precision()) {
            boolean packed = from.stride() == from.rows() && to.stride() == from.rows();
            long bytes = Matrix.bytes(from.rows(), packed ? from.cols() : 1, from.precision());
            for (int col = 0; col < from.cols(); col += packed ? from.cols() : 1) {
                MemorySegment.copy(from.data(), (long) col * from.stride() * from.precision().bytes(),
                        to.data(), (long) col * to.stride() * to.precision().bytes(), bytes);
            }
        } else if (!converted(from, to)) {
            for (int col = 0; col < from.cols(); col++) {
                narrowColumn(from.column(col), to.column(col), from.rows());
            }
        }
    }

    /** Widens, or narrows what float32 can hold; false if it cannot. */
    private static boolean converted(Matrix from, Matrix to) {
        int rows = from.rows();
        int cols = from.cols();
        return 0 == (from.precision() == Precision.F32
                ? OpenBlas.LAPACKE_slag2d_work(COLUMNS, rows, cols, from.data(), from.stride(), to.data(), to.stride())
                : OpenBlas.LAPACKE_dlag2s_work(COLUMNS, rows, cols, from.data(), from.stride(), to.data(), to.stride()));
    }

    /** Copies a column times a factor that is applied in float64 unless it is 1. */
    static void copyColumn(Matrix from, int source, Matrix to, int target, double factor) {
        Matrix in = from.block(0, source, from.rows(), 1);
        Matrix out = to.block(0, target, from.rows(), 1);
        if (factor == 1) {
            copy(in, out);
        } else if (out.precision() == Precision.F64) {
            if (from != to || source != target) {
                copy(in, out);
            }
            OpenBlas.cblas_dscal(out.rows(), factor, out.data(), 1);
        } else {
            narrowTimes(in, out, factor);
        }
    }

    /** A column times a factor, in float64 and rounded to float32, in parts that stay in the first-level cache. */
    private static void narrowTimes(Matrix in, Matrix out, double factor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(8L * PART, LINE);
            for (int row = 0; row < in.rows(); row += PART) {
                int count = Math.min(PART, in.rows() - row);
                Matrix wide = Matrix.of(memory, count, 1, Precision.F64);
                copy(in.block(row, 0, count, 1), wide);
                OpenBlas.cblas_dscal(count, factor, memory, 1);
                copy(wide, out.block(row, 0, count, 1));
            }
        }
    }

    /** What LAPACK's conversion refuses: numbers beyond float32 become infinite. */
    private static void narrowColumn(MemorySegment in, MemorySegment out, int rows) {
        for (int i = 0; i < rows; i++) {
            out.set(FLOAT, 4L * i, (float) in.get(DOUBLE, 8L * i));
        }
    }

    /** to = from^T. */
    static void transpose(Matrix from, Matrix to) {
        copyScaled(1, from, true, to);
    }

    /** to = factor from, or the transpose; both of one precision. */
    static void copyScaled(double factor, Matrix from, boolean transpose, Matrix to) {
        if (from.rows() == 0 || from.cols() == 0) {
            return;
        }
        if (from.precision() == Precision.F32) {
            OpenBlas.cblas_somatcopy(COLUMNS, transposed(transpose), from.rows(), from.cols(), (float) factor, from.data(),
                    from.stride(), to.data(), to.stride());
        } else {
            OpenBlas.cblas_domatcopy(COLUMNS, transposed(transpose), from.rows(), from.cols(), factor, from.data(),
                    from.stride(), to.data(), to.stride());
        }
    }

    /** Copies the diagonal and what is above it, in one precision; what is below stays. */
    static void copyUpper(Matrix from, Matrix to) {
        if (from.precision() == Precision.F32) {
            OpenBlas.LAPACKE_slacpy_work(COLUMNS, (byte) 'U', from.rows(), from.cols(), from.data(), from.stride(),
                    to.data(), to.stride());
        } else {
            OpenBlas.LAPACKE_dlacpy_work(COLUMNS, (byte) 'U', from.rows(), from.cols(), from.data(), from.stride(),
                    to.data(), to.stride());
        }
    }

    /** Puts the columns of a float64 matrix in the opposite order. */
    static void reverseColumns(Matrix a) {
        for (int col = 0; col < a.cols() / 2; col++) {
            OpenBlas.cblas_dswap(a.rows(), a.column(col), 1, a.column(a.cols() - 1 - col), 1);
        }
    }

    /** How many columns can be taken as one: short ones if nothing is between them. */
    private static int together(Matrix a) {
        return a.stride() == a.rows() ? Math.max(1, PIECE / a.rows()) : 1;
    }

    /**
     * Sum of the products of elements of the same place, in float64: columns, or runs of short ones, one after the other, and
     * of float32 elements parts of these.
     */
    static double dot(Matrix a, Matrix b) {
        double total = 0;
        if (a.rows() == 0) {
            return total;
        }
        int step = Math.min(together(a), together(b));
        try (Arena arena = Arena.ofConfined()) {
            boolean widens = a.precision() == Precision.F32;
            MemorySegment x = widens ? arena.allocate(8L * PART, LINE) : MemorySegment.NULL;
            MemorySegment y = !widens || a == b ? x : arena.allocate(8L * PART, LINE);
            for (int col = 0; col < a.cols(); col += step) {
                int count = Math.min(step, a.cols() - col) * a.rows();
                MemorySegment inA = a.data().asSlice((long) col * a.stride() * a.precision().bytes());
                MemorySegment inB = b.data().asSlice((long) col * b.stride() * b.precision().bytes());
                total += widens ? floatDot(inA, inB, count, x, y) : OpenBlas.cblas_ddot(count, inA, 1, inB, 1);
            }
        }
        return total;
    }

    /** OpenBLAS's own product of float32 numbers with a float64 result adds some of them in float32. */
    private static double floatDot(MemorySegment a, MemorySegment b, int count, MemorySegment x, MemorySegment y) {
        double sum = 0;
        for (int from = 0; from < count; from += PART) {
            int part = Math.min(PART, count - from);
            OpenBlas.LAPACKE_slag2d_work(COLUMNS, part, 1, a.asSlice(4L * from), part, x, part);
            if (x != y) {
                OpenBlas.LAPACKE_slag2d_work(COLUMNS, part, 1, b.asSlice(4L * from), part, y, part);
            }
            sum += OpenBlas.cblas_ddot(part, x, 1, y, 1);
        }
        return sum;
    }

    /** Whether no element is NaN or infinite. */
    static boolean isFinite(Matrix a) {
        // The norm of large numbers may overflow.
        return hasNorm(a) || Double.isFinite(carefulLargest(a));
    }

    private static boolean hasNorm(Matrix a) {
        double sum = 0;
        int step = a.rows() == 0 ? a.cols() : together(a);
        for (int col = 0; col < a.cols(); col += step) {
            int count = Math.min(step, a.cols() - col) * a.rows();
            MemorySegment x = a.data().asSlice((long) col * a.stride() * a.precision().bytes());
            sum += a.precision() == Precision.F32
                    ? OpenBlas.cblas_snrm2(count, x, 1)
                    : OpenBlas.cblas_ddot(count, x, 1, x, 1);
        }
        return Double.isFinite(sum);
    }

    /** LAPACK's own goes element by element, and heeds NaN. */
    private static double carefulLargest(Matrix a) {
        return a.precision() == Precision.F32
                ? OpenBlas.LAPACKE_slange_work(
                        COLUMNS, (byte) 'M', a.rows(), a.cols(), a.data(), a.stride(), MemorySegment.NULL)
                : OpenBlas.LAPACKE_dlange_work(
                        COLUMNS, (byte) 'M', a.rows(), a.cols(), a.data(), a.stride(), MemorySegment.NULL);
    }

    /** Largest magnitude; NaN if there is any. */
    static double largest(Matrix a) {
        // The index of the largest one means nothing where there is NaN.
        if (a.rows() == 0 || !hasNorm(a)) {
            return carefulLargest(a);
        }
        double largest = 0;
        for (int col = 0; col < a.cols(); col++) {
            long place = a.precision() == Precision.F32
                    ? OpenBlas.cblas_isamax(a.rows(), a.column(col), 1)
                    : OpenBlas.cblas_idamax(a.rows(), a.column(col), 1);
            largest = Math.max(largest, Math.abs(a.get((int) place, col)));
        }
        return largest;
    }

    /** Sum of squares of a column, in float64. */
    static double columnSquares(Matrix a, int col) {
        Matrix column = a.block(0, col, a.rows(), 1);
        return dot(column, column);
    }

    /** Multiplies a column. */
    static void scaleColumn(Matrix a, int col, double factor) {
        copyColumn(a, col, a, col, factor);
    }
}
