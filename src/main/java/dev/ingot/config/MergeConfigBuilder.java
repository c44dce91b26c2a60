// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Builds a configuration in code, under the same rules as one read from YAML. Not for use by several threads at once.
 *
 * <pre>{@code
 * MergeConfig config = MergeConfig.builder()
 *         .mergeMethod("ties")
 *         .baseModel("base")
 *         .model("expert0", Map.of("weight", Setting.of(0.5), "density", Setting.gradient(1, 0.7, 0.1)))
 *         .model("expert1", Map.of("weight", Setting.of(0.5), "density", Setting.of(0.4)))
 *         .parameter("normalize", Setting.of(1))
 *         .dtype(Dtype.BF16)
 *         .build();
 * }</pre>
 */
public final class MergeConfigBuilder {
    private String mergeMethod = "";
    private final List<InputModel> models = new ArrayList<>();
    private final List<OutputSlice> slices = new ArrayList<>();
    private final Map<String, Layout.OutputModule> modules = new LinkedHashMap<>();
    private final Map<String, Setting> parameters = new LinkedHashMap<>();
    private Optional<ModelReference> baseModel = Optional.empty();
    private Optional<Dtype> dtype = Optional.empty();
    private Optional<Dtype> outDtype = Optional.empty();
    private Optional<TokenizerConfig> tokenizer = Optional.empty();
    private Optional<String> chatTemplate = Optional.empty();

    MergeConfigBuilder() {}

    /** The merge method; required. */
    public MergeConfigBuilder mergeMethod(String name) {
        mergeMethod = Objects.requireNonNull(name);
        return this;
    }

    /** Adds a model with its own parameters. */
    public MergeConfigBuilder model(ModelReference model, Map<String, ? extends Setting> own) {
        models.add(new InputModel(model, ParameterMap.of(own), Position.NONE));
        return this;
    }

    /** Adds a model with its own parameters and further checkpoints that belong to it. */
    public MergeConfigBuilder model(
            ModelReference model, Map<String, ? extends Setting> own, Map<Companion, ModelReference> companions) {
        Map<Companion, CompanionInput> inputs = new EnumMap<>(Companion.class);
        companions.forEach((companion, checkpoint) ->
                inputs.put(companion, new CompanionInput(checkpoint, Position.NONE)));
        models.add(new InputModel(model, ParameterMap.of(own), inputs, Position.NONE));
        return this;
    }

    /** Adds a model, written as in YAML ({@link ModelReference#parse(String)}), with its own parameters. */
    public MergeConfigBuilder model(String model, Map<String, ? extends Setting> own) {
        return model(ModelReference.parse(model), own);
    }

    /** Adds a slice of the output. */
    public MergeConfigBuilder slice(OutputSlice slice) {
        slices.add(Objects.requireNonNull(slice));
        return this;
    }

    /** Adds a module of the output. */
    public MergeConfigBuilder module(String name, Layout.OutputModule module) {
        modules.put(Objects.requireNonNull(name), Objects.requireNonNull(module));
        return this;
    }

    /** The base model. */
    public MergeConfigBuilder baseModel(ModelReference model) {
        baseModel = Optional.of(model);
        return this;
    }

    /** The base model, written as in YAML ({@link ModelReference#parse(String)}). */
    public MergeConfigBuilder baseModel(String model) {
        return baseModel(ModelReference.parse(model));
    }

    /** Sets a parameter of the configuration. */
    public MergeConfigBuilder parameter(String name, Setting setting) {
        parameters.put(Objects.requireNonNull(name), Objects.requireNonNull(setting));
        return this;
    }

    /** The type to which inputs are cast on load. */
    public MergeConfigBuilder dtype(Dtype type) {
        dtype = Optional.of(type);
        return this;
    }

    /** The type in which results are stored. */
    public MergeConfigBuilder outDtype(Dtype type) {
        outDtype = Optional.of(type);
        return this;
    }

    /** How the tokenizer is made. */
    public MergeConfigBuilder tokenizer(TokenizerConfig config) {
        tokenizer = Optional.of(config);
        return this;
    }

    /** The chat template. */
    public MergeConfigBuilder chatTemplate(String template) {
        chatTemplate = Optional.of(template);
        return this;
    }

    /**
     * The configuration.
     *
     * @throws ConfigException if the method is missing, or not exactly one of models, slices and modules was given
     */
    public MergeConfig build() {
        int layouts = (models.isEmpty() ? 0 : 1) + (slices.isEmpty() ? 0 : 1) + (modules.isEmpty() ? 0 : 1);
        if (layouts != 1) {
            throw Position.NONE.error(
                    layouts + " of models, slices and modules are given", "give exactly one of them");
        }
        Layout layout = !models.isEmpty() ? new Layout.Models(models)
                : !slices.isEmpty() ? new Layout.Slices(slices)
                : new Layout.Modules(modules);
        return new MergeConfig(
                mergeMethod, layout, baseModel, ParameterMap.of(parameters), dtype, outDtype, tokenizer, chatTemplate,
                List.of(), ConfigSource.NONE);
    }
}
