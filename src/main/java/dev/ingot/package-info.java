// SPDX-License-Identifier: Apache-2.0
/**
 * Ingot merges fine-tuned model checkpoints.
 *
 * <p>A merge is described by a {@link dev.ingot.MergeRequest}, checked and laid out as a {@link dev.ingot.MergePlan}, and carried
 * out by {@link dev.ingot.Ingot}:
 *
 * {@snippet class="example.MergeExample" region="example"}
 *
 * <p>Errors that a user can mend are {@link dev.ingot.error.IngotException}s with a message and a hint of one line each.
 */
package dev.ingot;
