// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.nio.file.Path;
import java.util.Set;

/** Puts golden cases into our terms, whose method and parameters are those of a paper or of its authors' program. */
interface GoldenTranslation {
    /** The methods, as cases name them, that it knows. */
    Set<String> methods();

    /**
     * The case as a merge configuration. Names of models are folders of the case's family.
     *
     * @throws GoldenConfig.Unsupported if the engine cannot compute it
     */
    String yaml(GoldenCase golden) throws GoldenConfig.Unsupported;

    /**
     * The same for cases with recorded numbers, which become checkpoints that the configuration names.
     *
     * @param temporary where to write them
     */
    default String yaml(GoldenCase golden, Path temporary) throws GoldenConfig.Unsupported {
        return yaml(golden);
    }
}
