// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.cuda.CublasHandle;
import java.lang.foreign.MemorySegment;

/**
 * A packed matrix in a GPU's memory, column by column.
 *
 * @param data addresses of the GPU, never to be read or written here
 */
record DeviceMatrix(MemorySegment data, int rows, int cols, Precision precision) {
    long elements() {
        return (long) rows * cols;
    }

    boolean isWide() {
        return precision == Precision.F64;
    }

    /** Elements from one column to the next. */
    int stride() {
        return Math.max(1, rows);
    }

    CublasHandle.Operand operand() {
        return new CublasHandle.Operand(data, stride());
    }

    /** One column. */
    MemorySegment column(int col) {
        return data.asSlice((long) col * rows * precision.bytes(), (long) rows * precision.bytes());
    }
}
