// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Map;
import java.util.Set;

/**
 * Methods whose experts arrive one after the other, in the order of a case's models, and DOGE. Embeddings are no linear layers in
 * the references.
 */
final class GoldenContinual implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("opcm", "dop", "doge_ta");
    }

    @Override
    public String yaml(GoldenCase golden) {
        GoldenYaml yaml = GoldenYaml.of(golden.method(), golden);
        Map<String, Object> given = golden.parameters();
        switch (golden.method()) {
            case "opcm" -> yaml.parameter("alpha", given.get("alpha"))
                    .parameter("matrices", "[{filter: embed_tokens, value: sum}, {value: method}]");
            case "dop" -> {
                for (String same : Set.of("num_steps", "alpha", "svd_epsilon", "ema_beta", "mgda")) {
                    yaml.parameter(same, given.get(same));
                }
                yaml.parameter("learning_rate", given.get("lr"))
                        .parameter("proj_space", given.getOrDefault("svd_proj_space", "uv"))
                        .parameter("matrices", "[{filter: embed_tokens, value: average}, {value: method}]");
            }
            default -> {
                // The reference takes more than 1 for percent.
                double kept = ((Number) given.get("K")).doubleValue();
                yaml.parameter("density", kept > 1 ? kept / 100 : kept)
                        .parameter("num_steps", given.get("iterations"))
                        .parameter("subspace", given.get("subspace"))
                        .parameter("lambda", given.get("lamda"))
                        .parameter("learning_rate", given.get("lr"))
                        .parameter("matrices", "[{filter: model.layers., value: method}, {value: base}]");
            }
        }
        return yaml.toString();
    }
}
