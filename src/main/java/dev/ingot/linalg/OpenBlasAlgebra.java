// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.util.List;

/** Linear algebra by OpenBLAS: checks what it is given, and takes the work space. */
final class OpenBlasAlgebra implements LinearAlgebra {
    private final Scratch scratch;

    OpenBlasAlgebra(long limit) {
        scratch = new Scratch(limit);
    }

    private static void require(boolean fits, Object... operands) {
        if (!fits) {
            throw new IllegalArgumentException("operands do not fit together: " + List.of(operands));
        }
    }

    private static void requireFinite(Matrix a) {
        if (!Blas.isFinite(a)) {
            throw new FactorisationException("holds NaN or infinite values and has no factors");
        }
    }

    @Override
    public void reserve(long bytes) {
        scratch.require(bytes);
    }

    /** The most work space that was ever in use. */
    long peak() {
        return scratch.peak();
    }

    @Override
    public void gemm(double alpha, Matrix a, boolean transposeA, Matrix b, boolean transposeB, double beta, Matrix c) {
        int rows = transposeA ? a.cols() : a.rows();
        int inner = transposeA ? a.rows() : a.cols();
        int cols = transposeB ? b.rows() : b.cols();
        require(rows == c.rows() && cols == c.cols() && inner == (transposeB ? b.cols() : b.rows())
                && a.precision() == c.precision() && b.precision() == c.precision(), a, b, c);
        Blas.gemm(alpha, a, transposeA, b, transposeB, beta, c);
    }

    @Override
    public void gram(Matrix a, boolean ofRows, Matrix square) {
        int order = ofRows ? a.rows() : a.cols();
        require(square.rows() == order && square.cols() == order && square.stride() == Math.max(1, order)
                && square.precision() == Precision.F64, a, square);
        scratch.require(WorkSpace.gram(order, a.precision()));
        GramMatrix.lower(a, ofRows, square, scratch);
        GramMatrix.mirror(square);
    }

    @Override
    public void copy(Matrix from, Matrix to) {
        require(from.sameShape(to), from, to);
        Blas.copy(from, to);
    }

    @Override
    public void scaleColumns(Matrix a, Matrix factors) {
        require(factors.rows() == a.cols() && factors.cols() == 1, a, factors);
        for (int col = 0; col < a.cols(); col++) {
            Blas.scaleColumn(a, col, factors.get(col, 0));
        }
    }

    @Override
    public double dot(Matrix a, Matrix b) {
        require(a.sameShape(b) && a.precision() == b.precision(), a, b);
        return Blas.dot(a, b);
    }

    @Override
    public double norm(Matrix a) {
        return Math.sqrt(Blas.dot(a, a));
    }

    @Override
    public boolean isFinite(Matrix a) {
        return Blas.isFinite(a);
    }

    @Override
    public double largest(Matrix a) {
        return Blas.largest(a);
    }

    @Override
    public Route svd(Matrix a, Svd into) {
        require(into.fits(a), a, into);
        requireFinite(a);
        if (a.smaller() == 0) {
            return ThinSvd.route(a.precision());
        }
        scratch.require(WorkSpace.svd(a.rows(), a.cols(), into.rank(), a.precision()));
        return ThinSvd.compute(a, into, scratch);
    }

    @Override
    public Route truncatedSvd(Matrix a, Svd into, Sketch sketch) {
        require(into.fits(a) && into.s().rows() == into.rank(), a, into);
        requireFinite(a);
        if (a.smaller() == 0) {
            return ThinSvd.route(a.precision());
        }
        scratch.require(WorkSpace.truncatedSvd(a.rows(), a.cols(), into.rank(), a.precision()));
        return TruncatedSvd.compute(a, into, sketch, scratch);
    }

    @Override
    public void eigh(Matrix a, Matrix values) {
        require(a.rows() == a.cols() && values.rows() == a.rows() && values.cols() == 1
                && a.precision() == values.precision(), a, values);
        requireFinite(a);
        if (a.rows() > 0) {
            scratch.require(WorkSpace.eigh(a.rows(), a.precision()));
            Lapack.eigh(true, a, values, scratch);
        }
    }

    @Override
    public void qr(Matrix a, Matrix r) {
        require(a.rows() >= a.cols() && (r.cols() == 0 || r.cols() == a.cols() && r.rows() == a.cols())
                && r.precision() == a.precision(), a, r);
        requireFinite(a);
        if (a.cols() > 0) {
            scratch.require(WorkSpace.qr(a.rows(), a.cols(), a.precision()));
            Lapack.qr(a, r, scratch);
        }
    }

    @Override
    public int polar(Matrix a, double rankTolerance, Matrix q) {
        require(a.sameShape(q) && a.precision() == q.precision(), a, q);
        requireFinite(a);
        if (a.smaller() == 0) {
            return 0;
        }
        scratch.require(WorkSpace.polar(a.rows(), a.cols(), a.precision()));
        return Polar.compute(a, rankTolerance, q, scratch);
    }

    @Override
    public double orthogonality(Matrix q) {
        scratch.require(WorkSpace.check(q.cols(), q.precision()));
        return Quality.orthogonality(q, scratch);
    }

    @Override
    public SvdCheck check(Matrix a, Svd svd) {
        require(svd.fits(a) && svd.u().cols() == svd.v().cols(), a, svd);
        scratch.require(WorkSpace.check(svd.rank(), a.precision()));
        return new SvdCheck(
                Quality.orthogonality(svd.u(), scratch),
                Quality.orthogonality(svd.v(), scratch),
                Quality.residual(a, svd, scratch));
    }

    @Override
    public void close() {
        scratch.close();
    }
}
