// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.ffi.openblas.OpenBlas;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Products and copies of matrices of either precision. Shapes are the caller's business. */
final class Blas {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final int COLUMNS = OpenBlas.CblasColMajor();

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

    /** Adds a^T a, or a a^T, to the lower triangle of a float64 matrix. */
    static void addSquare(Matrix a, boolean ofRows, Matrix lower) {
        if (a.rows() > 0 && a.cols() > 0) {
            OpenBlas.cblas_dsyrk(COLUMNS, OpenBlas.CblasLower(), transposed(!ofRows), lower.rows(),
                    ofRows ? a.cols() : a.rows(), 1, a.data(), a.stride(), 1, lower.data(), lower.stride());
        }
    }

    /** The lower triangle of {@code alpha a^T a + beta c}, or of a a^T, in a's precision. */
    static void square(double alpha, Matrix a, boolean ofRows, double beta, Matrix c) {
        int trans = transposed(!ofRows);
        int inner = ofRows ? a.cols() : a.rows();
        if (c.precision() == Precision.F32) {
            OpenBlas.cblas_ssyrk(COLUMNS, OpenBlas.CblasLower(), trans, c.rows(), inner, (float) alpha, a.data(), a.stride(),
                    (float) beta, c.data(), c.stride());
        } else {
            OpenBlas.cblas_dsyrk(COLUMNS, OpenBlas.CblasLower(), trans, c.rows(), inner, alpha, a.data(), a.stride(),
                    beta, c.data(), c.stride());
        }
    }

    /** Replaces b by the solution x of {@code l x = b}, or of {@code l^T x = b}, where l is the lower triangle of a float64 matrix. */
    static void solveLower(Matrix lower, boolean transpose, Matrix b) {
        solve(OpenBlas.CblasLower(), lower, transpose, b);
    }

    /** Replaces b by the solution x of {@code u x = b}, or of {@code u^T x = b}, where u is the upper triangle of a float64 matrix. */
    static void solveUpper(Matrix upper, boolean transpose, Matrix b) {
        solve(OpenBlas.CblasUpper(), upper, transpose, b);
    }

    private static void solve(int part, Matrix triangle, boolean transpose, Matrix b) {
        if (b.rows() > 0 && b.cols() > 0) {
            OpenBlas.cblas_dtrsm(COLUMNS, OpenBlas.CblasLeft(), part, transposed(transpose), OpenBlas.CblasNonUnit(), b.rows(),
                    b.cols(), 1, triangle.data(), triangle.stride(), b.data(), b.stride());
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
            for (int col = 0; col < from.cols(); col++) {
                MemorySegment in = from.column(col);
                MemorySegment.copy(in, 0, to.column(col), 0, in.byteSize());
            }
        } else if (!converted(from, to)) {
            for (int col = 0; col < from.cols(); col++) {
                convertColumn(from.column(col), from.precision(), to.column(col), from.rows(), 1);
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
        if (factor == 1) {
            copy(from.block(0, source, from.rows(), 1), to.block(0, target, from.rows(), 1));
        } else if (from.precision() == to.precision()) {
            multiplyColumn(from.column(source), from.precision(), to.column(target), from.rows(), factor);
        } else {
            convertColumn(from.column(source), from.precision(), to.column(target), from.rows(), factor);
        }
    }

    private static void multiplyColumn(MemorySegment in, Precision precision, MemorySegment out, int rows, double factor) {
        for (int i = 0; i < rows; i++) {
            if (precision == Precision.F32) {
                out.set(FLOAT, 4L * i, (float) (factor * in.get(FLOAT, 4L * i)));
            } else {
                out.set(DOUBLE, 8L * i, factor * in.get(DOUBLE, 8L * i));
            }
        }
    }

    private static void convertColumn(MemorySegment in, Precision precision, MemorySegment out, int rows, double factor) {
        for (int i = 0; i < rows; i++) {
            if (precision == Precision.F32) {
                out.set(DOUBLE, 8L * i, factor * in.get(FLOAT, 4L * i));
            } else {
                out.set(FLOAT, 4L * i, (float) (factor * in.get(DOUBLE, 8L * i)));
            }
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

    /** Sum of the products of elements of the same place, in float64, column after column. */
    static double dot(Matrix a, Matrix b) {
        double total = 0;
        for (int col = 0; col < a.cols(); col++) {
            MemorySegment x = a.column(col);
            MemorySegment y = b.column(col);
            total += a.precision() == Precision.F32
                    ? floatDot(x, y, a.rows())
                    : OpenBlas.cblas_ddot(a.rows(), x, 1, y, 1);
        }
        return total;
    }

    /** Four sums, so that an addition need not wait for the one before. */
    private static double floatDot(MemorySegment x, MemorySegment y, int count) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            sum0 += (double) x.get(FLOAT, 4L * i) * y.get(FLOAT, 4L * i);
            sum1 += (double) x.get(FLOAT, 4L * i + 4) * y.get(FLOAT, 4L * i + 4);
            sum2 += (double) x.get(FLOAT, 4L * i + 8) * y.get(FLOAT, 4L * i + 8);
            sum3 += (double) x.get(FLOAT, 4L * i + 12) * y.get(FLOAT, 4L * i + 12);
        }
        for (; i < count; i++) {
            sum0 += (double) x.get(FLOAT, 4L * i) * y.get(FLOAT, 4L * i);
        }
        return (sum0 + sum2) + (sum1 + sum3);
    }

    /** Whether no element is NaN or infinite. */
    static boolean isFinite(Matrix a) {
        double sum = 0;
        for (int col = 0; col < a.cols() && a.rows() > 0; col++) {
            sum += a.precision() == Precision.F32
                    ? OpenBlas.cblas_snrm2(a.rows(), a.column(col), 1)
                    : OpenBlas.cblas_dnrm2(a.rows(), a.column(col), 1);
        }
        // The norm of large numbers may overflow.
        return Double.isFinite(sum) || Double.isFinite(largest(a));
    }

    /** Largest magnitude; NaN if there is any. */
    static double largest(Matrix a) {
        double largest = 0;
        for (int col = 0; col < a.cols(); col++) {
            MemorySegment x = a.column(col);
            if (a.precision() == Precision.F32) {
                float most = 0;
                for (int i = 0; i < a.rows(); i++) {
                    most = Math.max(most, Math.abs(x.get(FLOAT, 4L * i)));
                }
                largest = Math.max(largest, most);
            } else {
                for (int i = 0; i < a.rows(); i++) {
                    largest = Math.max(largest, Math.abs(x.get(DOUBLE, 8L * i)));
                }
            }
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
