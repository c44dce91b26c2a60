// SPDX-License-Identifier: Apache-2.0
/**
 * Tokenizers as data: which tokens the models have, which the output gets, and which rows of the models' embeddings
 * become its rows. No text is ever tokenized.
 *
 * <pre>{@code
 * List<TokenizerInput> inputs = ...; // Tokenizer.read(directory) and the number of embeddings, for each model
 * TokenizerMerge merge = TokenizerMerge.of(config.tokenizer().orElseThrow(), base, inputs);
 * EmbeddingPlan plan = merge.embeddingPlan(participants); // for embedding and head
 * SequencedMap<String, byte[]> files = merge.files(chatTemplate);
 * }</pre>
 *
 * <p>All types are immutable and may be shared between threads. Damaged files end in a
 * {@link dev.ingot.error.CheckpointException}.
 */
package dev.ingot.tokenizer;
