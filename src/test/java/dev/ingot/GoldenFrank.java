// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Set;

/** FRANK: the first model besides the base is the vision model. */
final class GoldenFrank implements GoldenTranslation {
    @Override
    public Set<String> methods() {
        return Set.of("frank");
    }

    @Override
    public String yaml(GoldenCase golden) {
        GoldenYaml yaml = GoldenYaml.of("frank", golden);
        Object decay = golden.parameters().get("a");
        return (decay instanceof Number ? yaml.parameter("decay", decay) : yaml).toString();
    }
}
