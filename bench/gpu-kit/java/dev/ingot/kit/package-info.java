// SPDX-License-Identifier: Apache-2.0
/**
 * The GPU kit: what {@code gpu-check} does on a machine with a GPU and neither a JDK nor a network. Compiled beside the tests,
 * so that nothing of it reaches the jar.
 */
package dev.ingot.kit;
