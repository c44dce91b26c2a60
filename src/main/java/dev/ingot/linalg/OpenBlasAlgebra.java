// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/** Linear algebra by OpenBLAS: checks what it is given, and takes the work space. */
final class OpenBlasAlgebra implements LinearAlgebra {
    private final Scratch scratch;

    OpenBlasAlgebra(long limit) {
        scratch = new Scratch(limit);
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
        Operands.gemm(a, transposeA, b, transposeB, c);
        Blas.gemm(alpha, a, transposeA, b, transposeB, beta, c);
    }

    @Override
    public void gram(Matrix a, boolean ofRows, Matrix square) {
        Operands.gram(a, ofRows, square);
        scratch.require(WorkSpace.gram(square.rows(), a.precision()));
        GramMatrix.lower(a, ofRows, square, scratch);
        GramMatrix.mirror(square);
    }

    @Override
    public void copy(Matrix from, Matrix to) {
        Operands.require(from.sameShape(to), from, to);
        Blas.copy(from, to);
    }

    @Override
    public void scaleColumns(Matrix a, Matrix factors) {
        Operands.require(factors.rows() == a.cols() && factors.cols() == 1, a, factors);
        for (int col = 0; col < a.cols(); col++) {
            Blas.scaleColumn(a, col, factors.get(col, 0));
        }
    }

    @Override
    public double dot(Matrix a, Matrix b) {
        Operands.require(a.sameShape(b) && a.precision() == b.precision(), a, b);
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
        Operands.svd(a, into);
        if (a.smaller() == 0) {
            return ThinSvd.route(a.precision());
        }
        scratch.require(WorkSpace.svd(a.rows(), a.cols(), into.rank(), a.precision()));
        return ThinSvd.compute(a, into, scratch);
    }

    @Override
    public Route truncatedSvd(Matrix a, Svd into, Sketch sketch) {
        Operands.truncatedSvd(a, into);
        if (a.smaller() == 0) {
            return ThinSvd.route(a.precision());
        }
        scratch.require(WorkSpace.truncatedSvd(a.rows(), a.cols(), into.rank(), a.precision()));
        return TruncatedSvd.compute(a, into, sketch, scratch);
    }

    @Override
    public void eigh(Matrix a, Matrix values) {
        Operands.eigh(a, values);
        if (a.rows() > 0) {
            scratch.require(WorkSpace.eigh(a.rows(), a.precision()));
            Lapack.eigh(true, a, values, scratch);
        }
    }

    @Override
    public void qr(Matrix a, Matrix r) {
        Operands.qr(a, r);
        if (a.cols() > 0) {
            scratch.require(WorkSpace.qr(a.rows(), a.cols(), a.precision()));
            Lapack.qr(a, r, scratch);
        }
    }

    @Override
    public int polar(Matrix a, double rankTolerance, Matrix q) {
        Operands.polar(a, q);
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
        Operands.require(svd.fits(a) && svd.u().cols() == svd.v().cols(), a, svd);
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
