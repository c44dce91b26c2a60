// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.nio.file.Path;

/** Where the test data lies. */
final class Fixtures {
    /** The example family; tests run in the project's root. */
    static final Path EXAMPLES = Path.of("examples", "vision-experts");

    private Fixtures() {}

    static Path llama(String name) {
        return Path.of("src", "test", "resources", "llama", name);
    }

    static Path vision(String name) {
        return Path.of("src", "test", "resources", "vision", name);
    }
}
