// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Set;

/** Methods on singular vectors, whose only setting is a factor. */
final class GoldenSubspaces implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("tsvm");
    }

    @Override
    public String yaml(GoldenCase golden) {
        return GoldenYaml.of("tsv_m", golden)
                .parameter("alpha", golden.parameters().get("alpha"))
                .toString();
    }
}
