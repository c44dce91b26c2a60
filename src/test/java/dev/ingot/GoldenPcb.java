// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** PCB-Merging: the variants of its authors' programs differ in how agreement is scored. */
final class GoldenPcb implements GoldenTranslation {
    private static final Map<String, String> INTER =
            Map.of("A", "raw", "B", "half_normalized", "C", "normalized", "D", "raw");

    @Override
    public Set<String> methods() {
        return Set.of("pcb");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        List<String> models = golden.models();
        GoldenYaml yaml = GoldenYaml.of("pcb", models.getFirst())
                .parameter("inter", INTER.get(given.get("variant")))
                .parameter("clip", given.get("q"))
                .parameter("ratio", given.get("ratio"));
        Object lambda = given.get("lambda");
        for (int i = 1; i < models.size(); i++) {
            Map<String, Object> keys = lambda instanceof List<?> each
                    ? Map.of("parameters", "{weight: " + each.get(i - 1) + "}")
                    : Map.of();
            yaml.model(models.get(i), keys);
        }
        return lambda instanceof List<?> ? yaml.toString() : yaml.parameter("lambda", lambda).toString();
    }
}
