// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.config.Companion;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.MethodSpec;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What a merge method does and takes.
 *
 * @param name       its key in configurations
 * @param title      its name in prose
 * @param summary    one line: what it does
 * @param paper      the publication, where there is one
 * @param parameters its parameters
 * @param base       whether a configuration names a base model
 * @param minModels  fewest models besides a base that is not merged itself
 * @param maxModels  most of them; empty without a limit
 * @param random     whether results depend on the seed
 * @param companions keys of further checkpoints that models may have, such as {@code draws}
 * @param composition for methods that are put together from choices: all of them by name, as they are if nothing else is set
 */
public record MethodInfo(
        String name,
        String title,
        String summary,
        Optional<Paper> paper,
        List<Parameter> parameters,
        Base base,
        int minModels,
        OptionalInt maxModels,
        boolean random,
        List<String> companions,
        Map<String, String> composition) {
    /** Copies the lists. */
    public MethodInfo {
        composition = Collections.unmodifiableMap(new TreeMap<>(composition));
        parameters = List.copyOf(parameters);
        companions = List.copyOf(companions);
    }

    /** Whether a configuration names a base model. */
    public enum Base {
        /** It must. */
        REQUIRED,
        /** It may; the base is a model like the others then, or what the others are differences from. */
        OPTIONAL,
        /** It has no use. */
        UNUSED
    }

    /**
     * A publication.
     *
     * @param title its title
     * @param link  where to read it
     */
    public record Paper(String title, String link) {}

    /**
     * A parameter of a method.
     *
     * @param name         its key in configurations
     * @param type         {@code number}, {@code flag} or {@code choice}
     * @param perModel     whether single models may have values of their own
     * @param required     whether it must be set
     * @param defaultValue its value where none is set, as one would write it; empty if there is none
     * @param range        the values that make sense, such as {@code (0, 1]} or {@code sum, mean}
     * @param choices      the names that a choice is between; empty for other types
     * @param description  one line
     */
    public record Parameter(
            String name,
            String type,
            boolean perModel,
            boolean required,
            Optional<String> defaultValue,
            String range,
            List<String> choices,
            String description) {
        /** Copies the list. */
        public Parameter {
            choices = List.copyOf(choices);
        }
    }

    static MethodInfo of(MergeMethod method) {
        MethodSpec spec = method.spec();
        return new MethodInfo(
                spec.name(),
                spec.title(),
                spec.summary(),
                spec.paper().map(paper -> new Paper(paper.title(), paper.link())),
                spec.parameters().stream().map(MethodInfo::parameter).toList(),
                switch (spec.base()) {
                    case ORIGIN, FIRST -> Base.REQUIRED;
                    case MEMBER, OPTIONAL_ORIGIN -> Base.OPTIONAL;
                    case UNUSED -> Base.UNUSED;
                },
                spec.minModels(),
                spec.maxModels() == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(spec.maxModels()),
                spec.random(),
                spec.companions().stream().map(Companion::key).sorted().toList(),
                method.composition());
    }

    private static Parameter parameter(dev.ingot.method.Parameter parameter) {
        return new Parameter(
                parameter.name(),
                parameter.type().name().toLowerCase(Locale.ROOT),
                parameter.level() == dev.ingot.method.Parameter.Level.PER_MODEL,
                parameter.required(),
                parameter.defaultChoice()
                        .or(() -> parameter.defaultValue().stream().mapToObj(value -> text(parameter, value)).findFirst()),
                switch (parameter.type()) {
                    case NUMBER -> parameter.range().toString();
                    case FLAG -> "true or false";
                    case CHOICE -> String.join(", ", parameter.choices());
                },
                parameter.choices(),
                parameter.description());
    }

    private static String text(dev.ingot.method.Parameter parameter, double value) {
        return parameter.type() == dev.ingot.method.Parameter.Type.FLAG
                ? Boolean.toString(value != 0)
                : value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value).replace(".0E", "e");
    }
}
