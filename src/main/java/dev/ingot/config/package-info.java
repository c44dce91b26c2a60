// SPDX-License-Identifier: Apache-2.0
/**
 * Merge configurations: mergekit's YAML dialect read into immutable records that remember where they were written.
 *
 * <pre>{@code
 * MergeConfig config = MergeConfig.load(Path.of("merge.yml"));
 * config.warnings().forEach(System.err::println);
 * ParameterResolver resolver = switch (config.layout()) {
 *     case Layout.Models models -> ParameterResolver.of(models, ParameterMap.EMPTY, config.parameters());
 *     case Layout.Slices slices ->
 *             ParameterResolver.of(slices.slices().getFirst(), ParameterMap.EMPTY, config.parameters());
 *     case Layout.Modules modules -> throw new UnsupportedOperationException();
 * };
 * Optional<ResolvedParameter> t = resolver.global("t", "model.layers.0.mlp.up_proj.weight", 0.0);
 * }</pre>
 *
 * <p>Names of merge methods and of their parameters are not checked here: the planner knows them. Everything else
 * that can be judged without opening a model is judged here, and refused with a
 * {@link dev.ingot.error.ConfigException} whose message ends in {@code (file:line:column)}. The dialect is described
 * in {@code docs/configuration.md}.
 *
 * <p>All types are immutable and may be shared between threads.
 */
package dev.ingot.config;
