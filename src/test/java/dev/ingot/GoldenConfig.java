// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.method.MethodSpec;
import dev.ingot.method.Methods;
import dev.ingot.method.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a golden case that is given as method and parameters as a merge configuration.
 *
 * <p>A method or parameter that has our name is taken as it is. {@link #RENAMED} lists the others that mean the same: a
 * plural is a list with one value for each model besides the base. A per-model parameter may be a number for all or such a
 * list. {@code weight} is 1 where a case does not speak of it. Methods whose cases are put in other terms than ours have a
 * {@linkplain GoldenTranslation translation}. Anything else is unsupported.
 */
final class GoldenConfig {
    private static final List<GoldenTranslation> TRANSLATIONS = List.of(
            new GoldenComposed(),
            new GoldenContinual(),
            new GoldenDifferences(),
            new GoldenForms(),
            new GoldenFrank(),
            new GoldenKnots(),
            new GoldenPcb(),
            new GoldenSomf(),
            new GoldenSparsified(),
            new GoldenSubspaces(),
            new GoldenMasks(),
            new GoldenTaskArithmetic(),
            new GoldenWudi());

    private static final Map<String, String> RENAMED = Map.of("weights", "weight", "densities", "density");

    private final GoldenCase golden;
    private final MethodSpec spec;
    private final Map<String, List<Object>> perModel = new HashMap<>();
    private final Map<String, Object> globals = new HashMap<>();

    /** A case that cannot be put to the engine, with the reason. */
    static final class Unsupported extends Exception {
        private static final long serialVersionUID = 1L;

        Unsupported(String reason) {
            super(reason);
        }
    }

    private GoldenConfig(GoldenCase golden, MethodSpec spec) {
        this.golden = golden;
        this.spec = spec;
    }

    /**
     * The configuration as YAML.
     *
     * @param temporary where to write checkpoints that it names
     */
    static String of(GoldenCase golden, Methods methods, Path temporary) throws Unsupported {
        Optional<GoldenTranslation> translation = TRANSLATIONS.stream()
                .filter(known -> known.methods().contains(golden.method()))
                .findFirst();
        if (translation.isPresent()) {
            return translation.get().yaml(golden, temporary);
        }
        MethodSpec spec = methods.find(golden.method())
                .orElseThrow(() -> new Unsupported("method " + golden.method()))
                .spec();
        return new GoldenConfig(golden, spec).yaml();
    }

    private String yaml() throws Unsupported {
        Optional<String> base = base();
        List<String> members = new ArrayList<>(golden.models());
        if (spec.base() == MethodSpec.BaseRole.ORIGIN) {
            base.ifPresent(members::remove);
        }
        for (Map.Entry<String, Object> entry : golden.parameters().entrySet()) {
            put(RENAMED.getOrDefault(entry.getKey(), entry.getKey()), entry.getValue(), members.size());
        }
        if (spec.parameter("weight").filter(Parameter::required).isPresent()) {
            globals.putIfAbsent("weight", 1);
        }
        StringBuilder yaml = new StringBuilder("merge_method: " + spec.name() + "\n");
        base.ifPresent(name -> yaml.append("base_model: ").append(name).append('\n'));
        yaml.append("models:\n");
        for (int i = 0; i < members.size(); i++) {
            yaml.append("- model: ").append(members.get(i)).append('\n');
            int index = i;
            if (!perModel.isEmpty()) {
                yaml.append("  parameters:\n");
                perModel.forEach((name, values) ->
                        yaml.append("    ").append(name).append(": ").append(values.get(index)).append('\n'));
            }
        }
        if (!globals.isEmpty()) {
            yaml.append("parameters:\n");
            globals.forEach((name, value) -> yaml.append("  ").append(name).append(": ").append(value).append('\n'));
        }
        return yaml.toString();
    }

    private Optional<String> base() {
        if (!spec.requiresBase()) {
            return Optional.empty();
        }
        return golden.models().stream().filter(name -> name.equals("base")).findFirst()
                .or(() -> golden.models().stream().findFirst());
    }

    private void put(String name, Object value, int members) throws Unsupported {
        Parameter parameter = spec.parameter(name)
                .orElseThrow(() -> new Unsupported("parameter " + name + " of method " + spec.name()));
        if (value instanceof List<?> list) {
            if (parameter.level() != Parameter.Level.PER_MODEL || list.size() != members) {
                throw new Unsupported("parameter " + name + " with " + list.size() + " values");
            }
            perModel.put(name, List.copyOf(list));
        } else {
            globals.put(name, value);
        }
    }
}
