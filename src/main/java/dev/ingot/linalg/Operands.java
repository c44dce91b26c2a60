// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.util.List;

/** What operations want of their operands, wherever they are carried out. */
final class Operands {
    private Operands() {}

    static void require(boolean fits, Object... operands) {
        if (!fits) {
            throw new IllegalArgumentException("operands do not fit together: " + List.of(operands));
        }
    }

    private static void requireFinite(Matrix a) {
        if (!Blas.isFinite(a)) {
            throw new FactorisationException("holds NaN or infinite values and has no factors");
        }
    }

    static void gemm(Matrix a, boolean transposeA, Matrix b, boolean transposeB, Matrix c) {
        int rows = transposeA ? a.cols() : a.rows();
        int inner = transposeA ? a.rows() : a.cols();
        int cols = transposeB ? b.rows() : b.cols();
        require(rows == c.rows() && cols == c.cols() && inner == (transposeB ? b.cols() : b.rows())
                && a.precision() == c.precision() && b.precision() == c.precision(), a, b, c);
    }

    static void gram(Matrix a, boolean ofRows, Matrix square) {
        int order = ofRows ? a.rows() : a.cols();
        require(square.rows() == order && square.cols() == order && square.stride() == Math.max(1, order)
                && square.precision() == Precision.F64, a, square);
    }

    static void svd(Matrix a, Svd into) {
        require(into.fits(a), a, into);
        requireFinite(a);
    }

    static void truncatedSvd(Matrix a, Svd into) {
        require(into.fits(a) && into.s().rows() == into.rank(), a, into);
        requireFinite(a);
    }

    static void eigh(Matrix a, Matrix values) {
        require(a.rows() == a.cols() && values.rows() == a.rows() && values.cols() == 1
                && a.precision() == values.precision(), a, values);
        requireFinite(a);
    }

    static void qr(Matrix a, Matrix r) {
        require(a.rows() >= a.cols() && (r.cols() == 0 || r.cols() == a.cols() && r.rows() == a.cols())
                && r.precision() == a.precision(), a, r);
        requireFinite(a);
    }

    static void polar(Matrix a, Matrix q) {
        require(a.sameShape(q) && a.precision() == q.precision(), a, q);
        requireFinite(a);
    }
}
