// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a merge configuration as YAML: method, base, models, parameters. */
final class GoldenYaml {
    private final String method;
    private final String base;
    private final List<String> models = new ArrayList<>();
    private final Map<String, Object> parameters = new LinkedHashMap<>();

    private GoldenYaml(String method, String base) {
        this.method = method;
        this.base = base;
    }

    /** A merge of the case's models, of which the first is the base. */
    static GoldenYaml of(String method, GoldenCase golden) {
        GoldenYaml yaml = new GoldenYaml(method, golden.models().getFirst());
        golden.models().stream().skip(1).forEach(model -> yaml.model(model, Map.of()));
        return yaml;
    }

    /** A merge whose models are still to be named. */
    static GoldenYaml of(String method, String base) {
        return new GoldenYaml(method, base);
    }

    /** Adds a model with keys besides its name, such as parameters. */
    GoldenYaml model(String name, Map<String, ?> keys) {
        StringBuilder entry = new StringBuilder("{model: " + name);
        keys.forEach((key, value) -> entry.append(", ").append(key).append(": ").append(value));
        models.add(entry.append('}').toString());
        return this;
    }

    /** Sets a parameter of the merge; its value is YAML. */
    GoldenYaml parameter(String name, Object value) {
        parameters.put(name, value);
        return this;
    }

    @Override
    public String toString() {
        StringBuilder yaml = new StringBuilder("merge_method: " + method + "\nbase_model: " + base + "\nmodels:\n");
        models.forEach(model -> yaml.append("- ").append(model).append('\n'));
        if (!parameters.isEmpty()) {
            yaml.append("parameters:\n");
            parameters.forEach((name, value) -> yaml.append("  ").append(name).append(": ").append(value).append('\n'));
        }
        return yaml.toString();
    }
}
