// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Locale;
import java.util.Set;

/** Signed combinations of task vectors (arXiv 2212.04089). */
final class GoldenTaskArithmetic implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("negation");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        if (golden.models().size() != 2 || !(golden.parameters().get("lambda") instanceof Number lambda)) {
            throw new GoldenConfig.Unsupported("negation of other than one model");
        }
        return String.format(
                Locale.ROOT,
                """
                merge_method: task_arithmetic
                base_model: %s
                models:
                - {model: %s, parameters: {weight: -%s}}
                """,
                golden.models().getFirst(),
                golden.models().getLast(),
                lambda);
    }
}
