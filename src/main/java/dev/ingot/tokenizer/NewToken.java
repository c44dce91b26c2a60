// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

/**
 * A token that a tokenizer's model gets in addition.
 *
 * @param id    its id
 * @param text  its text
 * @param score its score, for Unigram models
 */
record NewToken(int id, String text, double score) {}
