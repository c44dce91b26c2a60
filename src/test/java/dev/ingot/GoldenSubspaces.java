// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Methods on singular vectors. */
final class GoldenSubspaces implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("tsvm", "tsvm_2", "tsvm_lossless", "tsvm_rank_reduction", "iso_c", "iso_cts", "twin");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        return switch (golden.method()) {
            // Where the vectors are independent, the authors' whitening gives their polar factor.
            case "tsvm", "tsvm_2" -> given("tsv_m", golden, "alpha").toString();
            case "tsvm_lossless" -> given("tsv_m", golden, "alpha").parameter("rank_ratio", 1).toString();
            case "tsvm_rank_reduction" ->
                given("tsv_m", golden, "alpha").parameter("orthogonalise", "none").toString();
            case "twin" -> twin(golden).toString();
            default -> given(golden.method(), golden, "alpha", "common_space_fraction").toString();
        };
    }

    private static GoldenYaml given(String method, GoldenCase golden, String... names) {
        GoldenYaml yaml = GoldenYaml.of(method, golden);
        for (String name : names) {
            Object value = golden.parameters().get(name);
            if (value != null) {
                yaml.parameter(name, value);
            }
        }
        return yaml;
    }

    private static GoldenYaml twin(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> parameters = golden.parameters();
        if (parameters.get("router_logits") instanceof List<?> logits) {
            GoldenYaml yaml = GoldenYaml.of("twin_merging", golden.models().getFirst());
            for (int i = 0; i < logits.size(); i++) {
                yaml.model(golden.models().get(i + 1), Map.of("parameters", "{router: " + logits.get(i) + "}"));
            }
            parameters.keySet().stream()
                    .filter(name -> !name.equals("router_logits"))
                    .forEach(name -> yaml.parameter(name, parameters.get(name)));
            return yaml.parameter("experts", "mixed");
        }
        GoldenYaml yaml = given("twin_merging", golden, "scaling", "mask_rate", "strategy");
        if (parameters.get("task") instanceof Number task) {
            return yaml.parameter("task_index", task);
        }
        if (!"shared".equals(parameters.get("part"))) {
            throw new GoldenConfig.Unsupported("Twin-Merging of neither a task nor the shared part");
        }
        return yaml.parameter("experts", "shared");
    }
}
