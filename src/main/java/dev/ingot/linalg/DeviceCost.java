// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * What an operation takes on either side, roughly: to tell what is worth the way to a GPU.
 *
 * @param flops    additions and multiplications
 * @param bytes    to and from the GPU
 * @param launches kernels that wait for each other
 */
record DeviceCost(double flops, double bytes, double launches) {
    /** Operations per second of one thread of a host: between those of float32 products and of reductions that wait for memory. */
    private static final double HOST_RATE = 3e10;

    /** Bytes per second through the pinned buffers, which one thread fills. */
    private static final double TRANSFER_RATE = 4e9;

    /** Seconds from one dependent kernel to the next, or for a copy to begin. */
    private static final double LATENCY = 2e-5;

    private static final double FEW_LAUNCHES = 20;

    /** Whether the GPU is done earlier, its own arithmetic taken as nothing beside the host's. */
    boolean pays() {
        return flops / HOST_RATE > bytes / TRANSFER_RATE + launches * LATENCY;
    }

    /**
     * Of a product.
     *
     * @param left  whether the left operand is not on the GPU yet
     * @param right whether the right one is not
     * @param adds  whether it is added to something
     */
    static DeviceCost gemm(
            long rows, long cols, long inner, boolean left, boolean right, boolean adds, Precision precision) {
        double elements = (left ? (double) rows * inner : 0) + (right ? (double) inner * cols : 0)
                + (adds ? 2.0 : 1.0) * rows * cols;
        return new DeviceCost(2.0 * rows * cols * inner, elements * precision.bytes(), FEW_LAUNCHES);
    }

    static DeviceCost gram(long order, long length, Precision precision) {
        double bytes = (double) order * length * precision.bytes() + (double) order * order * Precision.F64.bytes();
        return new DeviceCost((double) order * order * length, bytes, FEW_LAUNCHES);
    }

    /** With all vectors. */
    static DeviceCost eigen(long order, Precision precision) {
        return new DeviceCost(9.0 * order * order * order, 2.0 * order * order * precision.bytes(), steps(order));
    }

    /** Of float32 by the Gram matrix. */
    static DeviceCost svd(Matrix a, long rank) {
        double order = a.smaller();
        double flops = order * order * a.larger() + (rank == 0 ? 1.3 : 9) * order * order * order + 2 * order * a.larger() * rank;
        double elements = (double) a.rows() * a.cols() + ((double) a.rows() + a.cols()) * rank;
        return new DeviceCost(flops, elements * Precision.F32.bytes(), steps(a.smaller()));
    }

    static DeviceCost polar(Matrix a) {
        double order = a.smaller();
        double flops = 3 * order * order * a.larger() + 9 * order * order * order;
        return new DeviceCost(flops, 2.0 * a.rows() * a.cols() * Precision.F32.bytes(), steps(a.smaller()));
    }

    static DeviceCost qr(Matrix a) {
        double elements = (double) a.rows() * a.cols();
        return new DeviceCost(4 * elements * a.cols(), 2 * elements * a.precision().bytes(), steps(a.cols()));
    }

    /** A few products and orthogonalisations of width w. */
    static DeviceCost sketch(Matrix a, long width) {
        double elements = (double) a.rows() * a.cols();
        double thin = ((double) a.rows() + a.cols()) * width;
        return new DeviceCost(
                12 * elements * width + 20 * thin * width, (elements + 2 * thin) * Precision.F32.bytes(), 6 * steps(width));
    }

    /** Reductions work column by column. */
    private static double steps(long order) {
        return FEW_LAUNCHES + 2 * order;
    }
}
