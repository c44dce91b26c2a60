// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A view of a matrix in native memory, column by column: element (i, j) is number {@code i + j * stride}. It owns nothing; its
 * memory must live as long as it is used, and may be used by the threads that the segment allows.
 *
 * <p>A tensor of a checkpoint is stored row by row, which is its transpose column by column: see {@link #ofRows}. No copy is
 * needed, as the factors of a transpose are those of the matrix with left and right exchanged.
 *
 * @param data      its first element, aligned to the element size, and all that follows up to the last one
 * @param rows      number of rows, may be 0
 * @param cols      number of columns, may be 0
 * @param stride    elements from one column to the next ("leading dimension"), at least {@code rows} and at least 1
 * @param precision element type
 */
public record Matrix(MemorySegment data, int rows, int cols, int stride, Precision precision) {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;
    private static final long ALIGNMENT = 64;

    /** Checks that the memory is there, is native, and holds the matrix. */
    public Matrix {
        Objects.requireNonNull(precision);
        if (rows < 0 || cols < 0 || stride < Math.max(rows, 1)) {
            throw new IllegalArgumentException("no matrix is " + rows + " x " + cols + " with stride " + stride);
        }
        long elements = rows == 0 || cols == 0 ? 0 : (long) stride * (cols - 1) + rows;
        if (!data.isNative() || data.byteSize() < elements * precision.bytes()) {
            throw new IllegalArgumentException(
                    rows + " x " + cols + " " + precision + " does not fit into " + data.byteSize() + " native bytes");
        }
    }

    /** A packed matrix in this memory. */
    public static Matrix of(MemorySegment data, int rows, int cols, Precision precision) {
        return new Matrix(data, rows, cols, Math.max(rows, 1), precision);
    }

    /**
     * The transpose of a packed matrix that is stored row by row, such as a tensor of a checkpoint.
     *
     * @param outer rows of the stored matrix, which are the columns of this view
     * @param inner columns of the stored matrix, which are the rows of this view
     */
    public static Matrix ofRows(MemorySegment data, int outer, int inner, Precision precision) {
        return of(data, inner, outer, precision);
    }

    /** A packed matrix in new memory. */
    public static Matrix allocate(SegmentAllocator memory, int rows, int cols, Precision precision) {
        return of(memory.allocate(Math.max(1, bytes(rows, cols, precision)), ALIGNMENT), rows, cols, precision);
    }

    /** Size of a packed matrix in bytes. */
    public static long bytes(long rows, long cols, Precision precision) {
        return rows * cols * precision.bytes();
    }

    /** The smaller of both dimensions: how many singular values there are. */
    public int smaller() {
        return Math.min(rows, cols);
    }

    /** The larger of both dimensions. */
    public int larger() {
        return Math.max(rows, cols);
    }

    /** A part of this matrix, in the same memory. */
    public Matrix block(int row, int col, int blockRows, int blockCols) {
        Objects.checkFromIndexSize(row, blockRows, rows);
        Objects.checkFromIndexSize(col, blockCols, cols);
        boolean empty = blockRows == 0 || blockCols == 0;
        long from = empty ? 0 : (row + (long) col * stride) * precision.bytes();
        return new Matrix(data.asSlice(from), blockRows, blockCols, stride, precision);
    }

    /** The first columns. */
    public Matrix columns(int count) {
        return block(0, 0, rows, count);
    }

    /** Memory of one column. */
    MemorySegment column(int col) {
        return rows == 0
                ? data.asSlice(0, 0)
                : data.asSlice((long) col * stride * precision.bytes(), (long) rows * precision.bytes());
    }

    /** Element (row, col). */
    public double get(int row, int col) {
        long index = Objects.checkIndex(row, rows) + (long) Objects.checkIndex(col, cols) * stride;
        return precision == Precision.F32 ? data.getAtIndex(FLOAT, index) : data.getAtIndex(DOUBLE, index);
    }

    /** Sets element (row, col), rounded to the element type. */
    public void set(int row, int col, double value) {
        long index = Objects.checkIndex(row, rows) + (long) Objects.checkIndex(col, cols) * stride;
        if (precision == Precision.F32) {
            data.setAtIndex(FLOAT, index, (float) value);
        } else {
            data.setAtIndex(DOUBLE, index, value);
        }
    }

    /** Whether both have the same numbers of rows and columns. */
    boolean sameShape(Matrix other) {
        return rows == other.rows && cols == other.cols;
    }
}
