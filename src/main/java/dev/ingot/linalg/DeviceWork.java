// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.cuda.CublasHandle;
import dev.ingot.cuda.CusolverHandle;
import dev.ingot.cuda.DeviceMemory;
import dev.ingot.kernel.GpuLane;
import dev.ingot.kernel.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * One operation on a GPU: its matrices there, the steps on them, and the ways in and out. Steps are only asked for, in order;
 * what reads results on the host waits for them. Closing gives the memory back.
 */
final class DeviceWork implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final DeviceEngine engine;
    private final Deque<DeviceMemory> blocks = new ArrayDeque<>();
    private final Arena arena = Arena.ofConfined();
    private boolean returning;

    DeviceWork(DeviceEngine engine) {
        this.engine = engine;
    }

    /** Whether results have begun to overwrite memory of the host, so that nobody can do the operation again. */
    boolean returning() {
        return returning;
    }

    private MemorySegment bytes(long count) {
        DeviceMemory block = engine.lane().memory().take(count);
        blocks.push(block);
        return block.segment().asSlice(0, count);
    }

    /** A matrix of any content. */
    DeviceMatrix matrix(int rows, int cols, Precision precision) {
        return new DeviceMatrix(bytes(Matrix.bytes(rows, cols, precision)), rows, cols, precision);
    }

    static GpuLane.Rows rows(Matrix a) {
        long element = a.precision().bytes();
        boolean packed = a.cols() == 1;
        return new GpuLane.Rows(a.data(), element * a.rows(), element * (packed ? a.rows() : a.stride()), a.cols());
    }

    /** A copy of a matrix of the host. */
    DeviceMatrix upload(Matrix a) {
        DeviceMatrix copy = matrix(a.rows(), a.cols(), a.precision());
        engine.lane().send(rows(a), copy.data());
        return copy;
    }

    /** A copy in float64. */
    DeviceMatrix uploadWide(Matrix a) {
        return converted(upload(a), Precision.F64);
    }

    /** The numbers of {@link RandomMatrix}. */
    DeviceMatrix random(int rows, int cols, long seed, Precision precision) {
        try (Arena own = Arena.ofConfined()) {
            Matrix random = Matrix.allocate(own, rows, cols, precision);
            RandomMatrix.fill(random, seed);
            return upload(random);
        }
    }

    /** One column. */
    DeviceMatrix column(double[] values, Precision precision) {
        Matrix column = Matrix.allocate(arena, values.length, 1, precision);
        for (int i = 0; i < values.length; i++) {
            column.set(i, 0, values[i]);
        }
        return upload(column);
    }

    /** Waits, and copies to the host. */
    void download(DeviceMatrix from, Matrix to) {
        engine.stream().synchronize();
        returning = true;
        engine.lane().fetch(from.data(), rows(to));
    }

    /** Waits, and reads a column. */
    double[] values(DeviceMatrix column) {
        Matrix copy = Matrix.allocate(arena, column.rows(), 1, column.precision());
        engine.stream().synchronize();
        engine.lane().fetch(column.data(), rows(copy));
        double[] values = new double[column.rows()];
        for (int i = 0; i < values.length; i++) {
            values[i] = copy.get(i, 0);
        }
        return values;
    }

    private static Operand operand(DeviceMatrix a) {
        return new Operand(a.data(), a.isWide() ? Dtype.F64 : Dtype.F32);
    }

    /** The matrix in this precision, rounded or widened; itself if that is its own. */
    DeviceMatrix converted(DeviceMatrix a, Precision precision) {
        if (a.precision() == precision) {
            return a;
        }
        DeviceMatrix other = matrix(a.rows(), a.cols(), precision);
        if (a.elements() > 0) {
            engine.lane().convert(engine.stream(), operand(a), operand(other), a.elements());
        }
        return other;
    }

    /** c = x op(a) op(b) + y c. */
    void multiply(double x, DeviceMatrix a, boolean transposeA, DeviceMatrix b, boolean transposeB, double y, DeviceMatrix c) {
        int inner = transposeA ? a.rows() : a.cols();
        engine.blas().multiply(c.isWide(), x, a.operand(), transposeA, b.operand(), transposeB, y, c.operand(), c.rows(),
                c.cols(), inner);
    }

    /** op(a) op(b). */
    DeviceMatrix product(DeviceMatrix a, boolean transposeA, DeviceMatrix b, boolean transposeB) {
        DeviceMatrix c = matrix(transposeA ? a.cols() : a.rows(), transposeB ? b.rows() : b.cols(), a.precision());
        multiply(1, a, transposeA, b, transposeB, 0, c);
        return c;
    }

    /** The lower triangle of a^T a, or of a a^T, of a float64 matrix; the other elements are 0. */
    DeviceMatrix lowerSquare(DeviceMatrix wide, boolean ofRows) {
        int order = ofRows ? wide.rows() : wide.cols();
        return lowerSquare(wide, ofRows, matrix(order, order, Precision.F64));
    }

    /** The same in memory that is there. */
    DeviceMatrix lowerSquare(DeviceMatrix wide, boolean ofRows, DeviceMatrix square) {
        int order = square.rows();
        engine.stream().clear(square.data());
        engine.blas().square(wide.operand(), ofRows, square.operand(), order, ofRows ? wide.cols() : wide.rows());
        return square;
    }

    /** Both triangles of a matrix that {@link #lowerSquare} made: the sum with its transpose, and the diagonal halved again. */
    DeviceMatrix mirrored(DeviceMatrix lower) {
        return mirrored(lower, matrix(lower.rows(), lower.rows(), Precision.F64));
    }

    /** The same in memory that is there. */
    DeviceMatrix mirrored(DeviceMatrix lower, DeviceMatrix both) {
        int order = lower.rows();
        engine.blas().add(true, 1, lower.operand(), 1, lower.operand(), true, both.operand(), order, order);
        CublasHandle.Operand diagonal = new CublasHandle.Operand(both.data(), order + 1);
        engine.blas().add(true, 0.5, diagonal, 0, diagonal, false, diagonal, 1, order);
        return both;
    }

    /** The last columns in reverse order. */
    DeviceMatrix reversed(DeviceMatrix a, int count) {
        DeviceMatrix last = matrix(a.rows(), count, a.precision());
        for (int j = 0; j < count; j++) {
            engine.stream().copyOnDevice(a.column(a.cols() - 1 - j), last.column(j));
        }
        return last;
    }

    void scaleColumns(DeviceMatrix a, double[] factors) {
        engine.blas().scaleColumns(a.isWide(), a.operand(), column(factors, a.precision()).data(), a.rows(), a.cols());
    }

    /** Sums of squares of the columns, in float64. */
    double[] columnSquares(DeviceMatrix a) {
        DeviceMatrix squares = matrix(a.cols(), 1, Precision.F64);
        engine.blas().columnSquares(converted(a, Precision.F64).operand(), squares.data(), a.rows(), a.cols());
        return values(squares);
    }

    /** Reads what a routine found. */
    private int info(MemorySegment place) {
        MemorySegment copy = arena.allocate(ValueLayout.JAVA_INT);
        engine.stream().synchronize();
        engine.lane().fetch(place, new GpuLane.Rows(copy, Integer.BYTES, Integer.BYTES, 1));
        return copy.get(ValueLayout.JAVA_INT, 0);
    }

    private MemorySegment hostWork(CusolverHandle.Space space) {
        return arena.allocate(Math.max(1, space.host()), ALIGNMENT);
    }

    /**
     * Eigenvalues, ascending, of the lower triangle of a symmetric matrix, which eigenvectors or nothing of use replace.
     *
     * @throws ConvergenceException if they are not found
     */
    DeviceMatrix eigen(DeviceMatrix a, boolean vectors) {
        DeviceMatrix values = matrix(a.rows(), 1, a.precision());
        MemorySegment info = bytes(Integer.BYTES);
        CusolverHandle.Space space =
                engine.solver().eigenSpace(a.isWide(), vectors, a.rows(), a.data(), values.data());
        engine.solver().eigen(a.isWide(), vectors, a.rows(), a.data(), values.data(), bytes(Math.max(1, space.device())),
                hostWork(space), info);
        int found = info(info);
        if (found != 0) {
            throw new ConvergenceException("cuSOLVER's syevd did not converge (info " + found + ")");
        }
        return values;
    }

    /**
     * Replaces a matrix by orthonormal columns of its QR decomposition.
     *
     * @param triangle receives the upper triangle with what is below it, or if it has one column the triangle's diagonal; none
     *                 if it has no column
     */
    void qr(DeviceMatrix a, DeviceMatrix triangle) {
        boolean wide = a.isWide();
        DeviceMatrix factors = matrix(a.cols(), 1, a.precision());
        MemorySegment info = bytes(Integer.BYTES);
        CusolverHandle.Space space =
                engine.solver().reflectionSpace(wide, a.rows(), a.cols(), a.data(), factors.data());
        long columns = engine.solver().columnSpace(wide, a.rows(), a.cols(), a.data(), factors.data());
        MemorySegment work = bytes(Math.max(1, Math.max(space.device(), columns)));
        engine.solver().reflections(wide, a.rows(), a.cols(), a.data(), factors.data(), work, hostWork(space), info);
        boolean diagonal = triangle.cols() == 1 && a.cols() > 1;
        if (triangle.cols() > 0) {
            // The diagonal as one row, whose elements are a column and an element apart.
            CublasHandle.Operand from = new CublasHandle.Operand(a.data(), diagonal ? a.stride() + 1 : a.stride());
            CublasHandle.Operand to = new CublasHandle.Operand(triangle.data(), diagonal ? 1 : triangle.stride());
            engine.blas().add(wide, 1, from, 0, from, false, to, diagonal ? 1 : triangle.rows(), a.cols());
        }
        requireValid("geqrf", info(info));
        engine.solver().columns(wide, a.rows(), a.cols(), a.data(), factors.data(), work, info);
        requireValid("orgqr", info(info));
    }

    /** x a + y 1 of a square float64 matrix. */
    DeviceMatrix shifted(double x, DeviceMatrix a, double y) {
        int order = a.rows();
        DeviceMatrix sum = matrix(order, order, Precision.F64);
        engine.blas().add(true, x, a.operand(), 0, a.operand(), false, sum.operand(), order, order);
        double[] ones = new double[order];
        Arrays.fill(ones, 1);
        // The diagonal as one row, beside ones of a column each.
        CublasHandle.Operand diagonal = new CublasHandle.Operand(sum.data(), order + 1);
        CublasHandle.Operand row = new CublasHandle.Operand(column(ones, Precision.F64).data(), 1);
        engine.blas().add(true, 1, diagonal, y, row, false, diagonal, 1, order);
        return sum;
    }

    /** Whether a float64 matrix, given by its lower triangle, is positive definite. It is overwritten. */
    boolean isPositive(DeviceMatrix a) {
        MemorySegment info = bytes(Integer.BYTES);
        CusolverHandle.Space space = engine.solver().choleskySpace(a.rows(), a.data());
        engine.solver().cholesky(a.rows(), a.data(), bytes(Math.max(1, space.device())), hostWork(space), info);
        return info(info) == 0;
    }

    /** x times a matrix. */
    DeviceMatrix scaled(double x, DeviceMatrix a) {
        DeviceMatrix product = matrix(a.rows(), a.cols(), a.precision());
        engine.blas().add(a.isWide(), x, a.operand(), 0, a.operand(), false, product.operand(), a.rows(), a.cols());
        return product;
    }

    /** Copies a matrix. */
    void copy(DeviceMatrix from, DeviceMatrix to) {
        engine.stream().copyOnDevice(from.data(), to.data());
    }

    private static void requireValid(String routine, int info) {
        if (info != 0) {
            throw new IllegalStateException("cuSOLVER's " + routine + " refuses its argument " + -info);
        }
    }

    /** Waits for the GPU, which may still use the memory. */
    @Override
    public void close() {
        try {
            engine.stream().synchronize();
        } finally {
            arena.close();
            while (!blocks.isEmpty()) {
                engine.lane().memory().give(blocks.pop());
            }
        }
    }
}
