// SPDX-License-Identifier: Apache-2.0
/**
 * Measures what merges are worth: forward passes in plain Java of the image models of {@code examples/vision-experts}
 * and of byte-level Llamas, accuracy and bits per byte, the demo, and the benchmark that merges a family of experts by
 * many methods and compares. Also an example of merging and of reading checkpoints from Java.
 *
 * <p>All arithmetic is strict IEEE 754 in a fixed order, so accuracies do not depend on the machine or on the number of
 * threads.
 */
package dev.ingot.eval;
