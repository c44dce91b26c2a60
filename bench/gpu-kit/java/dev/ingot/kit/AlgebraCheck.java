// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.kernel.Backends;
import dev.ingot.kernel.Kernels;
import dev.ingot.linalg.LinearAlgebra;
import dev.ingot.linalg.Matrix;
import dev.ingot.linalg.Precision;
import dev.ingot.linalg.Sketch;
import dev.ingot.linalg.Svd;
import dev.ingot.linalg.SvdCheck;
import dev.ingot.linalg.WorkSpace;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Decompositions on the GPU and on one thread of the host, as a program of its own: {@code AlgebraCheck ROWSxCOLS...}. Prints
 * JSON with seconds of both, errors of the GPU's factors, and what differs from the host's.
 */
public final class AlgebraCheck {
    private AlgebraCheck() {}

    /** Takes shapes. */
    public static void main(String[] shapes) throws IOException {
        List<Object> found = new ArrayList<>();
        Backends.Choice choice = Backends.detect(System.getenv()).choose("cuda");
        for (String shape : shapes) {
            String[] sides = shape.split("x");
            int rows = Integer.parseInt(sides[0]);
            int cols = Integer.parseInt(sides[1]);
            long limit = Math.max(
                    WorkSpace.truncatedSvd(rows, cols, Math.min(rows, cols), Precision.F32),
                    Math.max(WorkSpace.polar(rows, cols, Precision.F32), WorkSpace.check(Math.min(rows, cols), Precision.F32)));
            try (Arena arena = Arena.ofConfined();
                    Kernels kernels = choice.backend().open();
                    LinearAlgebra host = LinearAlgebra.open(limit);
                    LinearAlgebra gpu = LinearAlgebra.open(limit, kernels)) {
                found.add(new Shape(arena, host, gpu, rows, cols).measure());
            }
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("backend", choice.backend().description());
        document.put("notice", choice.backend().notice().orElse(""));
        document.put("shapes", found);
        System.out.println(Json.text(document));
    }

    /** What is measured of one shape. */
    private record Shape(Arena arena, LinearAlgebra host, LinearAlgebra gpu, int rows, int cols) {
        /** An operation on either side. */
        private interface Operation {
            void run(LinearAlgebra algebra);
        }

        private static double seconds(LinearAlgebra algebra, Operation operation) {
            long start = System.nanoTime();
            operation.run(algebra);
            return (System.nanoTime() - start) / 1e9;
        }

        private Matrix random() {
            Matrix a = Matrix.allocate(arena, rows, cols, Precision.F32);
            Random random = new Random(rows);
            for (long i = 0; i < (long) rows * cols; i++) {
                a.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
            }
            return a;
        }

        Map<String, Object> measure() {
            int order = Math.min(rows, cols);
            Matrix a = random();
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("rows", rows);
            facts.put("cols", cols);
            Svd svd = Svd.allocate(arena, rows, cols, order, Precision.F32);
            Svd ofHost = Svd.allocate(arena, rows, cols, order, Precision.F32);
            // The first operation opens the libraries.
            Svd few = Svd.allocate(arena, rows, cols, 16, Precision.F32);
            gpu.truncatedSvd(a, few, Sketch.of(1, Precision.F32));
            facts.put("svdSeconds", seconds(gpu, algebra -> algebra.svd(a, svd)));
            facts.put("svdHostSeconds", seconds(host, algebra -> algebra.svd(a, ofHost)));
            SvdCheck check = host.check(a, svd);
            facts.put("left", check.left());
            facts.put("right", check.right());
            facts.put("residual", check.residual());
            double worst = 0;
            for (int i = 0; i < order; i++) {
                worst = Math.max(worst, Math.abs(svd.s().get(i, 0) - ofHost.s().get(i, 0)));
            }
            facts.put("values", worst / ofHost.s().get(0, 0));
            Matrix q = Matrix.allocate(arena, rows, cols, Precision.F32);
            Matrix other = Matrix.allocate(arena, rows, cols, Precision.F32);
            facts.put("polarSeconds", seconds(gpu, algebra -> algebra.polar(a, -1, q)));
            facts.put("polarHostSeconds", seconds(host, algebra -> algebra.polar(a, -1, other)));
            double norm = Math.sqrt(order);
            facts.put("polarNorm", Math.abs(host.norm(q) - norm) / norm);
            // The sum of the singular values: no other factor has as much.
            double nuclear = host.dot(other, a);
            facts.put("polarNuclear", Math.abs(host.dot(q, a) - nuclear) / nuclear);
            return facts;
        }
    }
}
