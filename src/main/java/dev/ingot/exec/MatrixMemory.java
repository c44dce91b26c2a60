// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.ffi.LargeMemory;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.matrix.MatrixNeeds;
import dev.ingot.matrix.MatrixSpace;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a program on whole matrices keeps, as much as was planned. For one thread at a time. */
final class MatrixMemory implements MatrixSpace, AutoCloseable {
    private final long limit;
    private final Map<Long, Kept> kept = new HashMap<>();
    private long used;
    private List<Matrix> products = List.of();

    /** Memory with an owner of its own. */
    private record Kept(Arena owner, long bytes) {}

    /** @param limit bytes that may be kept at a time */
    MatrixMemory(long limit) {
        this.limit = limit;
    }

    @Override
    public Matrix keep(int rows, int cols, Precision precision) {
        long bytes = MatrixNeeds.of(rows, cols, precision);
        if (used + bytes > limit) {
            throw new IllegalStateException(used + bytes + " bytes of matrices are kept, " + limit + " were planned");
        }
        Arena owner = Arena.ofShared();
        Matrix matrix = Matrix.allocate(
                (size, alignment) -> LargeMemory.allocate(owner, size, alignment), rows, cols, precision);
        kept.put(matrix.data().address(), new Kept(owner, bytes));
        used += bytes;
        return matrix;
    }

    @Override
    public void drop(Matrix matrix) {
        Kept dropped = kept.remove(matrix.data().address());
        if (dropped == null) {
            throw new IllegalStateException("a matrix is dropped that is not kept: " + matrix);
        }
        dropped.owner().close();
        used -= dropped.bytes();
    }

    /** Drops everything but these. */
    void finish(List<Matrix> made) {
        products = List.copyOf(made);
        List<Long> all = new ArrayList<>(kept.keySet());
        all.removeAll(made.stream().map(matrix -> matrix.data().address()).toList());
        all.forEach(address -> {
            Kept dropped = kept.remove(address);
            dropped.owner().close();
            used -= dropped.bytes();
        });
    }

    /** What the program made. */
    List<Matrix> products() {
        return products;
    }

    @Override
    public void close() {
        kept.values().forEach(matrix -> matrix.owner().close());
        kept.clear();
    }
}
