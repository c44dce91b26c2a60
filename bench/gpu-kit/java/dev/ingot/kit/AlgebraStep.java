// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.checkpoint.TestJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Decompositions through cuBLAS and cuSOLVER: as good as the host's, and how fast. */
final class AlgebraStep implements Step {
    static final String NAME = "algebra";

    /** Roundings of float32 elements, in Frobenius norm, that factors may be off for each root of the order. */
    private static final double ROUNDINGS = 24;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int seconds(boolean quick) {
        return quick ? 60 : 150;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        List<String> shapes = kit.shim() ? List.of("64x96", "80x80", "160x40")
                : kit.quick() ? List.of("1024x4096", "2048x2048") : List.of("2048x8192", "4096x4096", "16384x1024");
        List<String> words = new ArrayList<>(List.of("dev.ingot.kit.AlgebraCheck"));
        words.addAll(shapes);
        Command command = Command.run(kit, NAME, clock.millis(),
                kit.shim() ? Map.of("INGOT_CUDA_MATRICES", "all") : Map.of(),
                kit.java(kit.testClassPath(), List.of("--enable-native-access=ALL-UNNAMED", "-Xmx256m"),
                        words.toArray(String[]::new)));
        Map<String, Object> facts = TestJson.object(TestJson.parse(command.answer()));
        String notice = String.valueOf(facts.get("notice"));
        if (!notice.isEmpty()) {
            return new Outcome(State.SKIPPED, notice, facts);
        }
        List<String> told = new ArrayList<>();
        boolean good = true;
        for (Object item : TestJson.list(facts.get("shapes"))) {
            Map<String, Object> shape = TestJson.object(item);
            boolean fine = isGood(shape);
            good &= fine;
            told.add(String.format(Locale.ROOT, "%sx%s %s, svd %.2f s (host %.2f), polar %.2f s (host %.2f)",
                    shape.get("rows"), shape.get("cols"), fine ? "good" : "BAD", number(shape, "svdSeconds"),
                    number(shape, "svdHostSeconds"), number(shape, "polarSeconds"), number(shape, "polarHostSeconds")));
        }
        String summary = String.join("; ", told);
        return good ? Outcome.passed(summary, facts) : Outcome.failed(summary, facts);
    }

    private static boolean isGood(Map<String, Object> shape) {
        double tolerance = ROUNDINGS * 0x1p-24 * Math.sqrt(Math.min(number(shape, "rows"), number(shape, "cols")));
        // Written so that NaN is not good.
        return number(shape, "left") < tolerance && number(shape, "right") < tolerance
                && number(shape, "residual") < tolerance && number(shape, "values") < 1e-6
                && number(shape, "polarNorm") < 1e-5 && number(shape, "polarNuclear") < 1e-5;
    }

    private static double number(Map<String, Object> object, String key) {
        return ((Number) object.get(key)).doubleValue();
    }
}
