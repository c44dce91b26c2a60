// SPDX-License-Identifier: Apache-2.0
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Route;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.SvdCheck;
import java.lang.foreign.Arena;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;

/** Times factorisations of float32 matrices of one size: one line per operation, its best time of some repetitions. */
final class LinalgBench {
    private static final int RANK = 64;

    private LinalgBench() {}

    public static void main(String[] args) {
        int rows = Integer.parseInt(args[0]);
        int cols = Integer.parseInt(args[1]);
        int repetitions = Integer.parseInt(args[2]);
        int order = Math.min(rows, cols);
        try (Arena arena = Arena.ofConfined(); LinearAlgebra algebra = LinearAlgebra.open(1L << 34)) {
            Matrix flat = normal(arena, rows, cols, 1);
            Matrix falling = normal(arena, rows, cols, 2);
            algebra.gemm(1, normal(arena, rows, RANK, 3), false, normal(arena, cols, RANK, 4), true, 1e-4, falling);
            Svd all = Svd.allocate(arena, rows, cols, order, Precision.F32);
            Svd some = all.leading(RANK);
            Svd quarter = all.leading(Math.max(1, order / 4));
            Svd values = new Svd(all.u().columns(0), all.s(), all.v().columns(0));
            Matrix factor = Matrix.allocate(arena, rows, cols, Precision.F32);
            time("values", rows, cols, repetitions, () -> algebra.svd(flat, values));
            time("svd", rows, cols, repetitions, () -> algebra.svd(flat, all));
            print(algebra.check(flat, all));
            time("svd/4", rows, cols, repetitions, () -> algebra.svd(flat, quarter));
            time("svd64", rows, cols, repetitions, () -> algebra.truncatedSvd(falling, some, Sketch.of(1, Precision.F32)));
            print(algebra.check(falling, some));
            time("polar", rows, cols, repetitions, () -> {
                algebra.polar(flat, -1, factor);
                return Route.GRAM;
            });
        }
    }

    private static Matrix normal(Arena arena, int rows, int cols, long seed) {
        Random random = new Random(seed);
        Matrix a = Matrix.allocate(arena, rows, cols, Precision.F32);
        for (int j = 0; j < cols; j++) {
            for (int i = 0; i < rows; i++) {
                a.set(i, j, random.nextGaussian());
            }
        }
        return a;
    }

    private static void time(String name, int rows, int cols, int repetitions, Supplier<Route> operation) {
        double best = Double.POSITIVE_INFINITY;
        Route route = null;
        // The first one warms up: Java compiles the loops between the calls of OpenBLAS.
        for (int i = 0; i <= repetitions; i++) {
            long start = System.nanoTime();
            route = operation.get();
            best = i == 0 ? best : Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        System.out.printf(Locale.ROOT, "ingot %s %dx%d %.3f s (%s)%n", name, rows, cols, best, route);
    }

    private static void print(SvdCheck check) {
        System.out.printf(Locale.ROOT, "      left %.1e right %.1e residual %.1e%n",
                check.left(), check.right(), check.residual());
    }
}
