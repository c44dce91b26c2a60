// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** WUDI-Merging and its successors, whose programs leave tensors out by name, each in its own way. */
final class GoldenWudi implements GoldenTranslation {
    private static final Set<String> FILTERS = Set.of("iwudi", "swudi", "aswudi");

    private static final Map<String, String> RENAMED = Map.of(
            "iterations", "steps", "lr", "learning_rate", "scaling_coefficient", "scale", "init_mode", "start");

    private static final Map<String, String> FORMS = Map.of("internvl_adam", "adam", "qwen2vl_sgd", "sgd");

    @Override
    public Set<String> methods() {
        return Set.of("wudi", "optmerge", "iwudi", "swudi", "aswudi");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        GoldenYaml yaml = GoldenYaml.of(golden.method(), golden);
        if (FILTERS.contains(golden.method())) {
            yaml.parameter("matrices", choices(List.of("lm_head"), "average"));
        }
        for (Map.Entry<String, Object> entry : golden.parameters().entrySet()) {
            switch (entry.getKey()) {
                case "exclude_keys" -> yaml.parameter("matrices", choices(names(entry.getValue()), "average"));
                case "exclude" -> yaml.parameter("matrices", choices(List.of("visual", "embed_tokens", "lm_head"), "base"));
                case "form" -> yaml.parameter("form", FORMS.get(entry.getValue()));
                default -> yaml.parameter(RENAMED.getOrDefault(entry.getKey(), entry.getKey()), entry.getValue());
            }
        }
        return yaml.toString();
    }

    private static List<String> names(Object list) {
        return ((List<?>) list).stream().map(Object::toString).toList();
    }

    private static String choices(List<String> filters, String choice) {
        return Stream.concat(
                        filters.stream().map(filter -> "{filter: " + filter + ", value: " + choice + "}"),
                        Stream.of("{value: method}"))
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
