// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * The polar factor of a float32 matrix on a GPU: by {@link DeviceNewton} if no value is small, else as {@link GramPolar}, with the
 * product with the root in float64 always, which costs little beside the eigenvectors.
 */
final class DevicePolar {
    private DevicePolar() {}

    static int compute(Matrix a, double tolerance, Matrix factor, DeviceWork work) {
        boolean tall = a.rows() >= a.cols();
        DeviceMatrix wide = work.uploadWide(a);
        DeviceMatrix square = work.lowerSquare(wide, !tall);
        if (DeviceNewton.pays(wide)) {
            // Twice the tolerance, so that the number of directions that are kept is beyond rounding.
            DeviceMatrix iterated = DeviceNewton.factor(wide, square, Math.max(2 * tolerance, GramSvd.STRAIGHT), work);
            if (iterated != null) {
                work.download(work.converted(iterated, Precision.F32), factor);
                return a.smaller();
            }
        }
        double[] s = DeviceSvd.roots(work.values(work.eigen(square, true)));
        int rank = kept(s, tolerance);
        if (rank == 0) {
            for (int j = 0; j < factor.cols(); j++) {
                factor.column(j).fill((byte) 0);
            }
            return 0;
        }
        DeviceMatrix leading = work.reversed(square, rank);
        boolean small = s[rank - 1] < GramSvd.STRAIGHT * s[0] || s[0] == 0;
        work.download(small ? ofVectors(wide, leading, s, work) : ofRoot(wide, leading, s, work), factor);
        return rank;
    }

    /** How many values are above the tolerance. */
    private static int kept(double[] s, double tolerance) {
        int rank = tolerance < 0 ? s.length : 0;
        while (rank < s.length && s[rank] > tolerance * s[0]) {
            rank++;
        }
        return rank;
    }

    private static DeviceMatrix ofVectors(DeviceMatrix wide, DeviceMatrix leading, double[] s, DeviceWork work) {
        DeviceMatrix near = work.converted(leading, Precision.F32);
        DeviceMatrix far = DeviceSvd.far(wide, leading, s, work);
        return wide.rows() >= wide.cols() ? work.product(far, false, near, true) : work.product(near, false, far, true);
    }

    private static DeviceMatrix ofRoot(DeviceMatrix wide, DeviceMatrix leading, double[] s, DeviceWork work) {
        double[] factors = new double[leading.cols()];
        for (int j = 0; j < factors.length; j++) {
            factors[j] = 1 / Math.sqrt(s[j]);
        }
        work.scaleColumns(leading, factors);
        DeviceMatrix root = work.product(leading, false, leading, true);
        DeviceMatrix product = wide.rows() >= wide.cols()
                ? work.product(wide, false, root, false)
                : work.product(root, false, wide, false);
        return work.converted(product, Precision.F32);
    }
}
