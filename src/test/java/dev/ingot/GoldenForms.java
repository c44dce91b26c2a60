// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** Methods of which there are several programs: the case's {@code form} names one, and we have a method or a flag for it. */
final class GoldenForms implements GoldenTranslation {
    private static final String SCE = "sce";
    private static final String MODEL_STOCK = "model_stock";

    @Override
    public Set<String> methods() {
        return Set.of(SCE, MODEL_STOCK);
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> parameters = golden.parameters();
        String form = golden.method() + " " + parameters.get("form");
        return switch (form) {
            case "sce fuseai" -> yaml(golden, "sce_fusechat", "{select_topk: " + parameters.get("select_topk") + "}");
            case "model_stock mergekit" -> yaml(golden, MODEL_STOCK, "{}");
            case "model_stock fusion_bench" ->
                yaml(golden, MODEL_STOCK, "{average_angles: true, plain_average: " + ignored(parameters.get("ignore_keys")) + "}");
            default -> throw new GoldenConfig.Unsupported(form);
        };
    }

    private static String ignored(Object keys) {
        StringJoiner values = new StringJoiner(", ", "[", "]");
        if (keys instanceof List<?> names) {
            names.forEach(name -> values.add("{filter: " + name + ", value: true}"));
        }
        return values.add("{value: false}").toString();
    }

    private static String yaml(GoldenCase golden, String method, String parameters) {
        StringBuilder yaml = new StringBuilder("merge_method: " + method + "\nbase_model: base\nparameters: " + parameters + "\nmodels:\n");
        golden.models().stream()
                .filter(model -> !model.equals("base"))
                .forEach(model -> yaml.append("- model: ").append(model).append('\n'));
        return yaml.toString();
    }
}
