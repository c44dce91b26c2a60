// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Map;
import java.util.Set;

/**
 * Methods whose experts arrive one after the other, in the order of a case's models. Embeddings are no linear layers in
 * the reference.
 */
final class GoldenContinual implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("opcm");
    }

    @Override
    public String yaml(GoldenCase golden) {
        Map<String, Object> given = golden.parameters();
        return GoldenYaml.of("opcm", golden)
                .parameter("alpha", given.get("alpha"))
                .parameter("matrices", "[{filter: embed_tokens, value: sum}, {value: method}]")
                .toString();
    }
}
