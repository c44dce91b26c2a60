// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.checkpoint.TestJson;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Rates of all kernels on operands in the GPU's memory. */
final class BenchStep implements Step {
    static final String NAME = "kernels";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int seconds(boolean quick) {
        return quick ? 45 : 100;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(kit.ingot("bench", "kernels", "--backend", "cuda", "--json"));
        if (kit.shim()) {
            line.addAll(List.of("--elements", "4K", "--rounds", "1"));
        } else if (kit.quick()) {
            line.addAll(List.of("--elements", "16M", "--dtype", "bf16,f32", "--rounds", "5"));
        }
        Map<String, Object> facts = TestJson.object(TestJson.parse(
                Command.run(kit, NAME, clock.millis(), line).answer()));
        int count = TestJson.list(facts.get("rates")).size();
        return count == 0
                ? Outcome.failed("nothing was measured", facts)
                : Outcome.passed(count + " rates on " + facts.get("device"), facts);
    }
}
