// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import java.nio.file.Path;

/** What carries out a merge for {@link VisionDemo}. */
@FunctionalInterface
public interface Merger {
    /**
     * Merges. Called from one thread, one merge after the other.
     *
     * @param configYaml    what to merge and how, in mergekit's dialect
     * @param baseDirectory folder that relative model paths start from
     * @param out           folder for the merged model; it need not exist, its parent does
     * @return the merged model, a folder or a file
     * @throws dev.ingot.error.IngotException if the merge fails
     */
    Path merge(Path configYaml, Path baseDirectory, Path out);
}
