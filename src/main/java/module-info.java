// SPDX-License-Identifier: Apache-2.0

/** Merging of model checkpoints. {@link dev.ingot.Ingot} is where to begin; all else is internal. */
module dev.ingot {
    requires info.picocli;
    requires org.snakeyaml.engine;
    requires tools.jackson.core;
    // The option for direct writes; without it output would go through the page cache.
    requires jdk.unsupported;

    exports dev.ingot;
    exports dev.ingot.error;

    // The command line parser sets annotated fields.
    opens dev.ingot.cli to info.picocli;

    uses dev.ingot.method.MergeMethod;
}
