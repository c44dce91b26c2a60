// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/** The exact decomposition, by the cheapest route whose accuracy is that of the elements. */
final class ThinSvd {
    private ThinSvd() {}

    /** Float64 elements are more accurate than what is left of them in a Gram matrix. */
    static Route route(Precision precision) {
        return precision == Precision.F32 ? Route.GRAM : Route.DIRECT;
    }

    /** Work space for {@code rank} vectors of both sides; 0 for values alone. */
    static long bytes(int rows, int cols, int rank, Precision precision) {
        return route(precision) == Route.GRAM ? GramSvd.bytes(rows, cols, rank) : directBytes(rows, cols, rank, precision);
    }

    static long directBytes(int rows, int cols, int rank, Precision precision) {
        int all = Math.min(rows, cols);
        long factors = rank == 0 ? 0 : Scratch.matrix(rows, all, precision) + Scratch.matrix(all, cols, precision);
        return factors + Scratch.matrix(all, 1, precision) + Lapack.svdBytes(rank > 0, rows, cols, precision);
    }

    static Route compute(Matrix a, Svd into, Scratch scratch) {
        Route route = route(a.precision());
        if (route == Route.GRAM) {
            GramSvd.compute(a, into, scratch);
        } else {
            direct(a, into, scratch);
        }
        return route;
    }

    static void direct(Matrix a, Svd into, Scratch scratch) {
        int all = a.smaller();
        boolean vectors = into.rank() > 0;
        try (Scratch.Frame frame = scratch.frame()) {
            Matrix s = frame.matrix(all, 1, a.precision());
            Matrix u = frame.matrix(a.rows(), vectors ? all : 0, a.precision());
            Matrix vt = frame.matrix(all, vectors ? a.cols() : 0, a.precision());
            Lapack.svd(a, s, u, vt, scratch);
            Blas.copy(s.block(0, 0, into.s().rows(), 1), into.s());
            Blas.copy(u.columns(into.u().cols()), into.u());
            if (into.v().cols() > 0) {
                Blas.transpose(vt.block(0, 0, into.v().cols(), a.cols()), into.v());
            }
        }
    }
}
