// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * {@link GramSvd} on a GPU, where the matrix and all that is made of it stay until the factors are complete. The rules are the
 * same: values are the norms of the matrix times the vectors, and vectors of small values are made orthogonal by reflections.
 */
final class DeviceSvd {
    private DeviceSvd() {}

    /**
     * Factors on the GPU.
     *
     * @param near leading vectors of the smaller side, float32
     * @param far  those of the larger side; null if they were not wanted
     * @param s    all values, descending
     */
    record Factors(DeviceMatrix near, DeviceMatrix far, double[] s) {}

    static void compute(Matrix a, Svd into, DeviceWork work) {
        boolean tall = a.rows() >= a.cols();
        Matrix near = tall ? into.v() : into.u();
        Matrix far = tall ? into.u() : into.v();
        DeviceMatrix wide = work.uploadWide(a);
        Factors found = factors(wide, into.rank(), far.cols() > 0, work);
        if (near.cols() > 0) {
            work.download(found.near(), near);
        }
        if (far.cols() > 0) {
            work.download(found.far(), far);
        }
        for (int j = 0; j < into.s().rows(); j++) {
            into.s().set(j, 0, found.s()[j]);
        }
    }

    /**
     * The leading factors of a float64 matrix whose elements are float32 numbers.
     *
     * @param rank 0 for values alone
     */
    static Factors factors(DeviceMatrix wide, int rank, boolean withFar, DeviceWork work) {
        boolean tall = wide.rows() >= wide.cols();
        DeviceMatrix square = work.lowerSquare(wide, !tall);
        double[] s = roots(work.values(work.eigen(square, rank > 0)));
        if (rank == 0) {
            return new Factors(null, null, s);
        }
        DeviceMatrix leading = work.reversed(square, rank);
        DeviceMatrix near = work.converted(leading, Precision.F32);
        return new Factors(near, withFar ? far(wide, leading, s, work) : null, s);
    }

    /** Singular values, descending, of eigenvalues, ascending. */
    static double[] roots(double[] eigenvalues) {
        double[] s = new double[eigenvalues.length];
        for (int j = 0; j < s.length; j++) {
            s[j] = Math.sqrt(Math.max(0, eigenvalues[s.length - 1 - j]));
        }
        return s;
    }

    /**
     * Vectors of the larger side.
     *
     * @param leading those of the smaller side, in float64, of the largest values, descending
     * @param s       all values, which are refined
     */
    static DeviceMatrix far(DeviceMatrix wide, DeviceMatrix leading, double[] s, DeviceWork work) {
        int rank = leading.cols();
        DeviceMatrix product = work.product(wide, wide.rows() < wide.cols(), leading, false);
        refine(work.columnSquares(product), s);
        if (s[rank - 1] >= GramSvd.STRAIGHT * s[0] && s[0] > 0) {
            double[] reciprocals = new double[rank];
            for (int j = 0; j < rank; j++) {
                reciprocals[j] = 1 / s[j];
            }
            work.scaleColumns(product, reciprocals);
            return work.converted(product, Precision.F32);
        }
        DeviceMatrix far = work.converted(product, Precision.F32);
        DeviceMatrix diagonal = work.matrix(rank, 1, Precision.F32);
        work.qr(far, diagonal);
        double[] signs = work.values(diagonal);
        for (int j = 0; j < rank; j++) {
            signs[j] = signs[j] < 0 ? -1 : 1;
        }
        work.scaleColumns(far, signs);
        return far;
    }

    /** As {@link GramSvd} does: norms are values without the error of the root of a small difference, and descend. */
    private static void refine(double[] squares, double[] s) {
        for (int j = 0; j < s.length; j++) {
            double value = j < squares.length ? Math.sqrt(squares[j]) : s[j];
            s[j] = j == 0 ? value : Math.min(value, s[j - 1]);
        }
    }
}
