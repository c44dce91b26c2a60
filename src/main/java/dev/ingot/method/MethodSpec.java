// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

import dev.ingot.config.Companion;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What users and the planner need to know of a method. Validation, {@code ingot methods} and the table in the README are made
 * from it.
 *
 * @param name       its key in the configuration
 * @param title      the name of the method in prose
 * @param paper      title and link of the publication; empty where there is none
 * @param summary    one line: what it does
 * @param parameters its parameters
 * @param base       what the base model is to it
 * @param minModels  fewest models besides a base that is not merged itself
 * @param maxModels  most of them
 * @param random     whether results depend on the seed
 * @param companions further checkpoints that models may have
 */
public record MethodSpec(
        String name,
        String title,
        Optional<Paper> paper,
        String summary,
        List<Parameter> parameters,
        BaseRole base,
        int minModels,
        int maxModels,
        boolean random,
        Set<Companion> companions) {

    /**
     * A publication.
     *
     * @param title its title
     * @param link  where to read it
     */
    public record Paper(String title, String link) {}

    /** What the base model is to a method. */
    public enum BaseRole {
        /** Required; the others count as differences from it. */
        ORIGIN,
        /** If given, the others count as differences from it. */
        OPTIONAL_ORIGIN,
        /** Required; one of the merged models, taken first. */
        FIRST,
        /** If given, an ordinary member. */
        MEMBER,
        /** Not used. */
        UNUSED
    }

    public MethodSpec {
        parameters = List.copyOf(parameters);
        companions = Set.copyOf(companions);
    }

    /** Of a method whose models have no further checkpoints. */
    public MethodSpec(
            String name,
            String title,
            Optional<Paper> paper,
            String summary,
            List<Parameter> parameters,
            BaseRole base,
            int minModels,
            int maxModels,
            boolean random) {
        this(name, title, paper, summary, parameters, base, minModels, maxModels, random, Set.of());
    }

    /** The parameter of this name, if the method has one. */
    public Optional<Parameter> parameter(String parameterName) {
        return parameters.stream().filter(p -> p.name().equals(parameterName)).findFirst();
    }

    /** Whether the base, if there is one, is what differences count from, and no merged model itself. */
    public boolean countsFromBase() {
        return base == BaseRole.ORIGIN || base == BaseRole.OPTIONAL_ORIGIN;
    }

    /** Whether a configuration must name a base model. */
    public boolean requiresBase() {
        return base == BaseRole.ORIGIN || base == BaseRole.FIRST;
    }
}
