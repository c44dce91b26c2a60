// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ingot.ffi.openblas.OpenBlas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bundled library is opened for real and computes what is known. */
class OpenBlasTest {
    private static final float TINY = 1e-6f;

    @BeforeAll
    static void open() {
        NativePlatform platform = NativePlatform.current();
        String cblas = "org/bytedeco/openblas/" + OpenBlasLoader.bytedeco(platform) + "/include/cblas.h";
        assumeTrue(OpenBlasTest.class.getClassLoader().getResource(cblas) != null,
                () -> "OpenBLAS is not published for " + platform);
        assertThat(OpenBlasLibrary.open()).isInstanceOf(SharedLibrary.Loaded.class);
    }

    @Test
    void oneThread() {
        assertThat(OpenBlas.openblas_get_num_threads()).isEqualTo(1);
        assertThat(OpenBlas.openblas_get_config().reinterpret(1000).getString(0)).startsWith("OpenBLAS 0.3.");
    }

    /** By hand: row (1 2 3) times columns (7 9 11) and (8 10 12) is 58 and 64, row (4 5 6) gives 139 and 154. */
    @Test
    void product() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = floats(arena, 1, 2, 3, 4, 5, 6);
            MemorySegment b = floats(arena, 7, 8, 9, 10, 11, 12);
            MemorySegment c = floats(arena, 1, 1, 1, 1);

            OpenBlas.cblas_sgemm(OpenBlas.CblasRowMajor(), OpenBlas.CblasNoTrans(), OpenBlas.CblasNoTrans(),
                    2, 2, 3, 2f, a, 3, b, 2, -1f, c, 2);

            assertThat(floats(c)).containsExactly(115, 127, 277, 307);
        }
    }

    /** The eigenvalues of A'A = ((25 20) (20 25)) are 45 and 5, so the singular values are their roots. */
    @Test
    void singularValues() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = floats(arena, 3, 0, 4, 5);
            MemorySegment s = arena.allocate(ValueLayout.JAVA_FLOAT, 2);
            MemorySegment u = arena.allocate(ValueLayout.JAVA_FLOAT, 4);
            MemorySegment vt = arena.allocate(ValueLayout.JAVA_FLOAT, 4);

            int info = OpenBlas.LAPACKE_sgesdd(OpenBlas.LAPACK_ROW_MAJOR(), (byte) 'S', 2, 2, a, 2, s, u, 2, vt, 2);

            assertThat(info).isZero();
            assertThat(floats(s)).containsExactly(
                    new float[] {(float) Math.sqrt(45), (float) Math.sqrt(5)}, within(4 * TINY));
            float[] left = floats(u);
            float[] right = floats(vt);
            float[] sigma = floats(s);
            float[] product = new float[4];
            for (int i = 0; i < 4; i++) {
                int row = i / 2;
                int column = i % 2;
                product[i] = left[2 * row] * sigma[0] * right[column]
                        + left[2 * row + 1] * sigma[1] * right[2 + column];
            }
            assertThat(product).containsExactly(new float[] {3, 0, 4, 5}, within(4 * TINY));
        }
    }

    /** A workspace query, then the same matrix in doubles and column-major order, from many threads at once. */
    @Test
    void ownWorkspaceInSeveralThreads() throws Exception {
        List<Future<double[]>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 64; i++) {
                answers.add(threads.submit(OpenBlasTest::symmetricEigenvalues));
            }
        }
        for (Future<double[]> answer : answers) {
            assertThat(answer.get()).containsExactly(new double[] {5, 45}, within(1e-12));
        }
    }

    private static double[] symmetricEigenvalues() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment a = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, 25, 20, 20, 25);
            MemorySegment w = arena.allocate(ValueLayout.JAVA_DOUBLE, 2);
            MemorySegment size = arena.allocate(ValueLayout.JAVA_DOUBLE);
            MemorySegment integers = arena.allocate(ValueLayout.JAVA_INT);
            assertThat(eigenvalues(a, w, size, -1, integers, -1)).isZero();
            int doubles = (int) size.get(ValueLayout.JAVA_DOUBLE, 0);
            int ints = integers.get(ValueLayout.JAVA_INT, 0);

            int info = eigenvalues(a, w, arena.allocate(ValueLayout.JAVA_DOUBLE, doubles), doubles,
                    arena.allocate(ValueLayout.JAVA_INT, ints), ints);

            assertThat(info).isZero();
            return w.toArray(ValueLayout.JAVA_DOUBLE);
        }
    }

    private static int eigenvalues(
            MemorySegment a, MemorySegment w, MemorySegment work, int doubles, MemorySegment integers, int ints) {
        return OpenBlas.LAPACKE_dsyevd_work(OpenBlas.LAPACK_COL_MAJOR(), (byte) 'V', (byte) 'L', 2, a, 2, w,
                work, doubles, integers, ints);
    }

    private static MemorySegment floats(Arena arena, float... values) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    private static float[] floats(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_FLOAT);
    }
}
