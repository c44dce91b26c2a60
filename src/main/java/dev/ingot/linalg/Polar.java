// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/** The orthogonal factor of a polar decomposition, by the cheapest route whose accuracy is that of the elements. */
final class Polar {
    private Polar() {}

    static long bytes(int rows, int cols, Precision precision) {
        if (ThinSvd.route(precision) == Route.GRAM) {
            return Math.max(
                    GramPolar.bytes(rows, cols), BandPolar.pays(rows, cols) ? BandPolar.bytes(rows, cols) : 0);
        }
        int rank = Math.min(rows, cols);
        return Scratch.matrix(rows, rank, precision) + Scratch.matrix(rank, 1, precision)
                + Scratch.matrix(cols, rank, precision) + ThinSvd.bytes(rows, cols, rank, precision);
    }

    static int compute(Matrix a, double tolerance, Matrix factor, Scratch scratch) {
        if (ThinSvd.route(a.precision()) != Route.GRAM) {
            return direct(a, tolerance, factor, scratch);
        }
        int rank = BandPolar.pays(a.rows(), a.cols()) ? BandPolar.compute(a, tolerance, factor, scratch) : -1;
        return rank < 0 ? GramPolar.compute(a, tolerance, factor, scratch) : rank;
    }

    /** {@code u v^T} of the singular vectors. */
    private static int direct(Matrix a, double tolerance, Matrix factor, Scratch scratch) {
        int all = a.smaller();
        try (Scratch.Frame frame = scratch.frame()) {
            Svd svd = new Svd(
                    frame.matrix(a.rows(), all, a.precision()),
                    frame.matrix(all, 1, a.precision()),
                    frame.matrix(a.cols(), all, a.precision()));
            ThinSvd.compute(a, svd, scratch);
            int rank = 0;
            while (rank < all && (tolerance < 0 || svd.s().get(rank, 0) > tolerance * svd.s().get(0, 0))) {
                rank++;
            }
            Blas.gemm(1, svd.u().columns(rank), false, svd.v().columns(rank), true, 0, factor);
            return rank;
        }
    }
}
