// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.util.Arrays;

/** The random sketch of {@link TruncatedSvd} on a GPU, for float32 matrices: the same numbers, rounds and checks. */
final class DeviceSketch {
    private DeviceSketch() {}

    /** What a round found. */
    private record Round(DeviceMatrix u, DeviceMatrix v, double[] s, double residual) {}

    /** @return whether the decomposition was found; if not, nothing was written */
    static boolean compute(Matrix a, Svd into, Sketch sketch, DeviceWork work) {
        int rank = into.rank();
        int width = TruncatedSvd.width(rank);
        DeviceMatrix matrix = work.upload(a);
        DeviceMatrix q = work.matrix(a.rows(), width, Precision.F32);
        DeviceMatrix p = work.random(a.cols(), width, sketch.seed(), Precision.F32);
        DeviceMatrix none = work.matrix(width, 0, Precision.F32);
        work.multiply(1, matrix, false, p, false, 0, q);
        work.qr(q, none);
        double before = Double.POSITIVE_INFINITY;
        for (int round = 0; round < TruncatedSvd.MOST_ROUNDS; round++) {
            for (int i = 0; i < TruncatedSvd.ITERATIONS_PER_ROUND; i++) {
                work.multiply(1, matrix, true, q, false, 0, p);
                work.qr(p, none);
                work.multiply(1, matrix, false, p, false, 0, q);
                work.qr(q, none);
            }
            Round found = extract(matrix, q, p, rank, work);
            if (found.residual() <= sketch.tolerance()) {
                give(found, into, work);
                return true;
            }
            if (TruncatedSvd.hopeless(before, found.residual(), round, sketch.tolerance())) {
                return false;
            }
            before = found.residual();
        }
        return false;
    }

    private static Round extract(DeviceMatrix matrix, DeviceMatrix q, DeviceMatrix p, int rank, DeviceWork work) {
        work.multiply(1, matrix, true, q, false, 0, p);
        // p = a^T q = v s left^T.
        boolean tall = p.rows() >= p.cols();
        DeviceSvd.Factors factors = DeviceSvd.factors(work.converted(p, Precision.F64), rank, true, work);
        DeviceMatrix v = tall ? factors.far() : factors.near();
        DeviceMatrix left = tall ? factors.near() : factors.far();
        double[] s = factors.s();
        DeviceMatrix u = work.product(q, false, left, false);
        if (s[0] == 0) {
            return new Round(u, v, s, 0);
        }
        DeviceMatrix rest = work.product(q, false, left, false);
        work.scaleColumns(rest, Arrays.copyOf(s, rank));
        work.multiply(1, matrix, false, v, false, -1, rest);
        double worst = 0;
        for (double squares : work.columnSquares(rest)) {
            worst = Math.max(worst, squares);
        }
        return new Round(u, v, s, Math.sqrt(worst) / s[0]);
    }

    private static void give(Round found, Svd into, DeviceWork work) {
        if (into.u().cols() > 0) {
            work.download(found.u(), into.u());
        }
        if (into.v().cols() > 0) {
            work.download(found.v(), into.v());
        }
        for (int j = 0; j < into.s().rows(); j++) {
            into.s().set(j, 0, found.s()[j]);
        }
    }
}
