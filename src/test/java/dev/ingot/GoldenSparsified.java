// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** DARE, DELLA and Model Breadcrumbs in the words of their authors' programs, with the random numbers that cases recorded. */
final class GoldenSparsified implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("dare", "della", "breadcrumbs");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        throw new GoldenConfig.Unsupported("recorded random numbers without a place to put them");
    }

    @Override
    public String yaml(GoldenCase golden, Path temporary) throws GoldenConfig.Unsupported {
        GoldenYaml yaml =
                switch (golden.method()) {
                    case "dare" -> dare(golden);
                    case "della" -> della(golden);
                    case "breadcrumbs" -> breadcrumbs(golden);
                    default -> throw new GoldenConfig.Unsupported(golden.method());
                };
        List<String> models = golden.models().subList(1, golden.models().size());
        for (int i = 0; i < models.size(); i++) {
            Map<String, Object> keys = new HashMap<>(GoldenCompanions.of(golden, i, temporary));
            if (golden.parameters().get("weights") instanceof List<?> weights) {
                keys.put("parameters", "{weight: " + weights.get(i) + "}");
            }
            yaml.model(models.get(i), keys);
        }
        return yaml.toString();
    }

    private static GoldenYaml of(String method, GoldenCase golden) {
        return GoldenYaml.of(method, golden.models().getFirst());
    }

    private static GoldenYaml dare(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        GoldenYaml yaml = of("dare", golden)
                .parameter("mask_rate", given.get("mask_rate"))
                .parameter("rescale", "true".equals(given.get("rescale")) ? "expectation" : "none")
                .parameter("lambda", given.getOrDefault("scaling_coefficient", 1));
        if ("magnitude".equals(given.get("strategy"))) {
            yaml.parameter("sparsify", "magnitude").parameter("boundary", "exact");
        }
        return switch (given.get("then").toString()) {
            case "average_merging" -> yaml.parameter("combine", "mean");
            case "task_arithmetic" -> yaml;
            case "ties_merging" -> yaml.parameter("then", "magnitude")
                    .parameter("then_mask_rate", given.get("param_value_mask_rate"))
                    .parameter("scope", "model")
                    .parameter("elect", "mass")
                    .parameter("zero_sign", "majority")
                    .parameter("combine", "disjoint_mean");
            default -> throw new GoldenConfig.Unsupported("then " + given.get("then"));
        };
    }

    private static GoldenYaml della(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        String name = given.get("registry_name").toString();
        if (name.equals("ties_row")) {
            return of("task_vectors", golden)
                    .parameter("sparsify", "magnitude")
                    .parameter("scope", "row")
                    .parameter("density", given.get("density"))
                    .parameter("elect", "mass")
                    .parameter("combine", "disjoint_mean")
                    .parameter("lambda", given.get("lambda"));
        }
        return of("della_magprune", golden)
                .parameter("density", given.get("density"))
                .parameter("epsilon", ((Number) given.get("window_size")).doubleValue() / 2)
                .parameter("rescale", ((Number) given.get("rescale")).intValue() == 1 ? "expectation" : "none")
                .parameter("lambda", given.get("lambda"))
                .parameter("probability", switch (name) {
                    case "della" -> "row_rank";
                    case "della_norank" -> "row_magnitude";
                    case "della_layer_norm" -> "tensor_rank";
                    default -> throw new GoldenConfig.Unsupported("registry name " + name);
                });
    }

    private static GoldenYaml breadcrumbs(GoldenCase golden) {
        Map<String, Object> given = golden.parameters();
        if (given.get("form").equals("mergellm_per_tensor")) {
            return of("task_vectors", golden)
                    .parameter("sparsify", "outliers")
                    .parameter("density", given.get("density"))
                    .parameter("small_rate", given.get("mask_rate"))
                    .parameter("lambda", given.get("scaling"));
        }
        return of("breadcrumbs_rows", golden)
                .parameter("beta", given.get("beta"))
                .parameter("gamma", given.get("gamma"))
                .parameter("remove_first", given.get("remove_first"))
                .parameter("lambda", given.get("alpha"));
    }
}
