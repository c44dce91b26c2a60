// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

/**
 * Two names of one tensor. Names are canonical.
 *
 * @param tensor the name that a checkpoint may lack, such as that of the head
 * @param source the tensor that stands in for it, such as the input embedding
 * @param always whether the two are one in every model of the family; otherwise config.json switches that
 */
public record Tie(String tensor, String source, boolean always) {}
