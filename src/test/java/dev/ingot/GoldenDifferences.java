// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Task analogies, and differences added to a third model. The cases number experts, and list the target of a difference first,
 * what the difference leads to next, and where it comes from last.
 */
final class GoldenDifferences implements GoldenTranslation {
    private static final String ANALOGY = "analogy";
    private static final String REASONING_VECTOR = "reasoning_vector";

    @Override
    public Set<String> methods() {
        return Set.of(ANALOGY, REASONING_VECTOR);
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        boolean analogy = golden.method().equals(ANALOGY);
        String factor = analogy ? "lambda" : "alpha";
        List<String> roles = analogy ? List.of("a", "b", "c") : List.of("from", "to");
        if (golden.models().size() != roles.size() + 1) {
            throw new GoldenConfig.Unsupported(golden.method() + " of " + golden.models().size() + " models");
        }
        StringBuilder yaml = new StringBuilder(String.format(
                Locale.ROOT,
                """
                merge_method: %s
                base_model: %s
                parameters: {%s: %s}
                models:
                """,
                analogy ? ANALOGY : "add_difference",
                golden.models().getFirst(),
                factor,
                golden.parameters().get(factor)));
        for (String role : roles) {
            yaml.append("- model: expert").append(golden.parameters().get(role)).append('\n');
        }
        return yaml.toString();
    }
}
