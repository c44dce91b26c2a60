// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

/** What a tensor is to its model. */
public enum Role {
    /** The input embedding: one row per token. */
    EMBEDDING,
    /** The output head or its bias: one row per token. */
    HEAD,
    /** Part of a numbered layer. */
    LAYER,
    /** In front of the layers, such as positions and patches. */
    INPUT,
    /** Behind the layers, such as the last norm or a classifier. */
    OUTPUT,
    /** Not learned, such as rotary frequencies; may belong to a layer. Loaders compute it, so a checkpoint may lack it. */
    BUFFER;

    /** Whether the first dimension counts tokens, so that it changes with the tokenizer. */
    public boolean countsTokens() {
        return this == EMBEDDING || this == HEAD;
    }
}
