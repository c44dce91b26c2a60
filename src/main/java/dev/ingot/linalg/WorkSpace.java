// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

/**
 * How many bytes of memory the operations of {@link LinearAlgebra} take besides the matrices that they are given: for plans.
 * They are exact, because operations cut their memory from a block of that size. OpenBLAS, which is asked for part of
 * it, must be there. {@code rank} counts the vectors that are wanted, 0 for values alone.
 */
public final class WorkSpace {
    /**
     * What OpenBLAS takes besides for every thread that is in it, to pack parts of matrices: a bound, of which small matrices
     * touch little.
     */
    public static final long PER_THREAD = 32L << 20;

    private WorkSpace() {}

    /** Of {@link LinearAlgebra#gram} on that many vectors. */
    public static long gram(int order, Precision precision) {
        return GramMatrix.bytes(order, precision);
    }

    /** Of {@link LinearAlgebra#svd}. */
    public static long svd(int rows, int cols, int rank, Precision precision) {
        return ThinSvd.bytes(rows, cols, rank, precision);
    }

    /** Of {@link LinearAlgebra#truncatedSvd}, enough for its fallback too. */
    public static long truncatedSvd(int rows, int cols, int rank, Precision precision) {
        return TruncatedSvd.bytes(rows, cols, rank, precision);
    }

    /** Of {@link LinearAlgebra#polar}. */
    public static long polar(int rows, int cols, Precision precision) {
        return Polar.bytes(rows, cols, precision);
    }

    /** Of {@link LinearAlgebra#eigh}. */
    public static long eigh(int order, Precision precision) {
        return Lapack.eighBytes(true, order, precision);
    }

    /** Of {@link LinearAlgebra#qr}. */
    public static long qr(int rows, int cols, Precision precision) {
        return Lapack.qrBytes(rows, cols, precision);
    }

    /** Of {@link LinearAlgebra#check} and, for one side, of {@link LinearAlgebra#orthogonality}. */
    public static long check(int rank, Precision precision) {
        return Quality.bytes(rank, precision);
    }
}
