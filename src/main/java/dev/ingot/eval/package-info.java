// SPDX-License-Identifier: Apache-2.0
/**
 * Measures what a merge is worth on the models of {@code examples/vision-experts}: a forward pass in plain Java,
 * accuracy on test images, and the demo that merges, evaluates and compares. Also an example of reading checkpoints
 * from Java.
 *
 * <p>All arithmetic is strict IEEE 754 in a fixed order, so accuracies do not depend on the machine or on the number of
 * threads.
 */
package dev.ingot.eval;
