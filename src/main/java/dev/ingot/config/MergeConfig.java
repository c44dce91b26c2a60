// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What is to be merged, and how. Names of methods and parameters are not checked yet, and no file has been opened.
 *
 * @param mergeMethod  name of the merge method, not blank
 * @param layout       which models, and which of their layers
 * @param baseModel    the model that task vectors are measured from, and the donor of config and tokenizer
 * @param parameters   parameters of the configuration, the lowest level of precedence
 * @param dtype        type to which inputs are cast on load; absent: as they are
 * @param outDtype     type in which results are stored; absent: as the method returns them
 * @param tokenizer    how the tokenizer is made; absent: copied from the donor
 * @param chatTemplate {@code auto}, the name of a known template, or the template itself
 * @param warnings     what was read but probably not meant
 * @param source       what it was read from
 */
public record MergeConfig(
        String mergeMethod,
        Layout layout,
        Optional<ModelReference> baseModel,
        ParameterMap parameters,
        Optional<Dtype> dtype,
        Optional<Dtype> outDtype,
        Optional<TokenizerConfig> tokenizer,
        Optional<String> chatTemplate,
        List<ConfigWarning> warnings,
        ConfigSource source) {
    /** Refuses nulls and a blank method. */
    public MergeConfig {
        Objects.requireNonNull(layout);
        Objects.requireNonNull(baseModel);
        Objects.requireNonNull(parameters);
        Objects.requireNonNull(dtype);
        Objects.requireNonNull(outDtype);
        Objects.requireNonNull(tokenizer);
        Objects.requireNonNull(chatTemplate);
        Objects.requireNonNull(source);
        warnings = List.copyOf(warnings);
        if (mergeMethod.isBlank()) {
            throw source.positionOf("merge_method").error("the merge method is empty", "name a merge method");
        }
    }

    /**
     * Reads a YAML file.
     *
     * @throws ConfigException if it cannot be read or is not a valid configuration
     */
    public static MergeConfig load(Path file) {
        return parse(SourceText.read(file), file.toString());
    }

    /**
     * Reads YAML text.
     *
     * @param text       one YAML document
     * @param sourceName what messages call it, such as a file name
     * @throws ConfigException if it is not a valid configuration
     */
    public static MergeConfig parse(String text, String sourceName) {
        return ConfigReader.read(text, sourceName);
    }

    /** Starts a configuration without YAML. */
    public static MergeConfigBuilder builder() {
        return new MergeConfigBuilder();
    }

    /** The same with results stored in another type. */
    public MergeConfig withOutDtype(Dtype type) {
        return new MergeConfig(
                mergeMethod,
                layout,
                baseModel,
                parameters,
                dtype,
                Optional.of(type),
                tokenizer,
                chatTemplate,
                warnings,
                source);
    }

    /**
     * All models that take part, each once: in the order in which they are listed, base models that are not listed
     * after those. Models that only a tokenizer setting names are not among them, and neither are
     * {@linkplain #companions() companions}.
     */
    public Set<ModelReference> referencedModels() {
        Set<ModelReference> models = new LinkedHashSet<>();
        addListed(layout, models);
        baseModel.ifPresent(models::add);
        return Collections.unmodifiableSet(models);
    }

    /** All checkpoints that belong to models without being merged, each once, in the order in which they are listed. */
    public Set<ModelReference> companions() {
        Set<ModelReference> companions = new LinkedHashSet<>();
        addCompanions(layout, companions);
        return Collections.unmodifiableSet(companions);
    }

    private static void addCompanions(Layout layout, Set<ModelReference> companions) {
        Consumer<ModelParameters> add =
                entry -> entry.companions().values().forEach(companion -> companions.add(companion.checkpoint()));
        switch (layout) {
            case Layout.Models whole -> whole.models().forEach(add);
            case Layout.Slices sliced -> sliced.slices().forEach(slice -> slice.sources().forEach(add));
            case Layout.Modules several ->
                several.modules().values().forEach(part -> addCompanions(part.layout(), companions));
        }
    }

    private static void addListed(Layout layout, Set<ModelReference> models) {
        switch (layout) {
            case Layout.Models whole -> whole.models().forEach(entry -> models.add(entry.model()));
            case Layout.Slices sliced -> {
                sliced.slices().forEach(slice -> slice.sources().forEach(entry -> models.add(entry.model())));
                sliced.slices().forEach(slice -> slice.baseModel().ifPresent(models::add));
            }
            case Layout.Modules several -> several.modules().values().forEach(part -> addListed(part.layout(), models));
        }
    }
}
