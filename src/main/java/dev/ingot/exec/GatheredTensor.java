// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.kernel.Operand;
import dev.ingot.plan.RowGather;
import dev.ingot.tokenizer.RowMap;
import dev.ingot.tokenizer.SharedRows;
import java.lang.foreign.MemorySegment;

/**
 * An operand whose rows are put in the order of the output's tokens while it is read: rows of the stored matrix, rows that
 * other models lend for tokens that it lacks, and padding. Nothing is kept but the padding row. Any run of elements may be
 * read, by several threads.
 */
final class GatheredTensor {
    private final InputFiles files;
    private final RowGather rows;
    private final TensorRef stored;
    private final RowMap map;
    private final Dtype dtype;
    private final long width;
    private final int size;
    /** Set by the pass before the first read that may meet padding. */
    private volatile MemorySegment mean = MemorySegment.NULL;

    GatheredTensor(InputFiles files, RowGather rows, TensorRef stored) {
        this.files = files;
        this.rows = rows;
        this.stored = stored;
        this.map = rows.map(stored);
        this.dtype = stored.dtype();
        this.width = rows.width();
        this.size = dtype.bytes();
    }

    Dtype dtype() {
        return dtype;
    }

    long width() {
        return width;
    }

    boolean isPadded() {
        return map.tokenRows() < map.rows();
    }

    /** Rows that belong to tokens. */
    int tokenRows() {
        return map.tokenRows();
    }

    /** Sets the row that padding consists of, in this tensor's type. */
    void mean(MemorySegment row) {
        mean = row;
    }

    /** A run of elements: the mapping itself where the rows lie together, else the lane's buffer. */
    Operand read(Lane lane, int buffer, long start, long count) {
        if (count > 0) {
            int row = row(start);
            int source = map.source(row);
            int after = row(start + count - 1) + 1;
            if (source >= 0 && map.runEnd(row, after) == after) {
                return new Operand(files.read(stored, place(source, start % width), count * size, lane, buffer), dtype);
            }
        }
        MemorySegment into = lane.buffer(buffer, count * size);
        copy(lane, start, into);
        return new Operand(into, dtype);
    }

    /** Copies elements from start on, as many as there is room for. */
    void copy(Lane lane, long start, MemorySegment into) {
        long count = into.byteSize() / size;
        int after = count == 0 ? 0 : row(start + count - 1) + 1;
        for (long done = 0; done < count; ) {
            int row = row(start + done);
            long column = (start + done) % width;
            int source = map.source(row);
            int end = source < 0 ? row + 1 : map.runEnd(row, after);
            long part = Math.min(count - done, (end - row) * width - column);
            MemorySegment to = into.asSlice(done * size, part * size);
            switch (source) {
                case RowMap.SHARED -> lend(lane, row, column, to);
                case RowMap.MEAN -> MemorySegment.copy(mean, column * size, to, 0, part * size);
                default -> files.copy(stored, place(source, column), to);
            }
            done += part;
        }
    }

    /** A part of a row that this model lacks: a copy of another model's, or the mean of several. */
    private void lend(Lane lane, int row, long column, MemorySegment to) {
        SharedRows shared = rows.plan().shared();
        int entry = shared.entryOf(row);
        int parts = shared.parts(entry);
        long count = to.byteSize() / size;
        if (parts == 0) {
            to.fill((byte) 0);
            return;
        }
        TensorRef first = rows.sources().get(shared.model(entry, 0));
        if (parts == 1 && first.dtype() == dtype) {
            files.copy(first, (shared.row(entry, 0) * width + column) * size, to);
            return;
        }
        MemorySegment sums = lane.buffer(Lane.ROW_SUMS, count * Double.BYTES).fill((byte) 0);
        for (int part = 0; part < parts; part++) {
            TensorRef lender = rows.sources().get(shared.model(entry, part));
            int bytes = lender.dtype().bytes();
            MemorySegment lent = lane.buffer(Lane.ROW, count * bytes);
            files.copy(lender, (shared.row(entry, part) * width + column) * bytes, lent);
            RowValues.add(lent, lender.dtype(), count, sums);
        }
        RowValues.quotients(sums, parts, dtype, count, to);
    }

    /** Says that these elements will be read soon. */
    void prefetch(long start, long count) {
        int after = row(start + count - 1) + 1;
        for (int row = row(start); row < after; ) {
            int end = map.runEnd(row, after);
            int source = map.source(row);
            if (source >= 0) {
                files.prefetch(stored, place(source, 0), (end - row) * width * size);
            }
            row = end;
        }
    }

    private int row(long element) {
        return (int) (element / width);
    }

    private long place(int sourceRow, long column) {
        return (sourceRow * width + column) * size;
    }
}
