// SPDX-License-Identifier: Apache-2.0
/**
 * Checkpoints on disk: the safetensors format, sharded Hugging Face directories and {@code config.json}.
 * Opening a checkpoint reads headers only; weights are reached through {@link dev.ingot.checkpoint.WeightFile}.
 * What is accepted and refused is listed in {@code docs/formats.md}.
 */
package dev.ingot.checkpoint;
