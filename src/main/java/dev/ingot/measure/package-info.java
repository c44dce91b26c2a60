// SPDX-License-Identifier: Apache-2.0
/**
 * How fast the kernels of a backend are on this machine, beside the rate at which it copies memory.
 *
 * <p>A {@link dev.ingot.measure.Stand} holds operands that exceed the last-level cache and runs rounds of an
 * {@link dev.ingot.measure.Operation}; {@link dev.ingot.measure.Survey} decides what is run and makes medians of it.
 */
package dev.ingot.measure;
