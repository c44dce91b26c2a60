// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Architecture;
import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.config.TokenizerConfig;
import dev.ingot.config.TokenizerConfig.Embedding;
import dev.ingot.config.TokenizerConfig.Source;
import dev.ingot.error.CheckpointException;
import dev.ingot.tokenizer.ChatTemplate;
import dev.ingot.tokenizer.Tokenizer;
import dev.ingot.tokenizer.TokenizerFiles;
import dev.ingot.tokenizer.TokenizerInput;
import dev.ingot.tokenizer.TokenizerMerge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;

/** Reads the models' tokenizers and makes the output's, as far as the configuration asks for it. */
final class TokenizerPlanner {
    /** Where config.json says how many tokens a model has. */
    private static final List<String> SIZE_KEYS = List.of("vocab_size", "text_config.vocab_size");

    private static final String CONFIG = "config.json";
    private static final String GENERATION_CONFIG = "generation_config.json";

    private final MergeConfig config;
    private final Architecture architecture;
    private final SequencedMap<ModelReference, Checkpoint> models;
    private final Map<ModelReference, Optional<Tokenizer>> tokenizers = new HashMap<>();
    private final List<String> warnings = new ArrayList<>();

    /** @param models all inputs, also those that only the tokenizer setting names */
    TokenizerPlanner(
            MergeConfig config, Architecture architecture, SequencedMap<ModelReference, Checkpoint> models) {
        this.config = config;
        this.architecture = architecture;
        this.models = models;
    }

    /** The models that the tokenizer setting names. */
    static SequencedSet<ModelReference> namedModels(MergeConfig config) {
        SequencedSet<ModelReference> named = new LinkedHashSet<>();
        config.tokenizer().ifPresent(tokenizer -> {
            if (tokenizer.source() instanceof Source.OfModel source) {
                named.add(source.model());
            }
            for (TokenizerConfig.Token token : tokenizer.tokens().values()) {
                switch (token.embedding().orElse(new Embedding.Zero())) {
                    case Embedding.Zero zero -> {}
                    case Embedding.OfModel source -> named.add(source.model());
                    case Embedding.OfToken source -> named.add(source.model());
                    case Embedding.OfTokenId source -> named.add(source.model());
                }
            }
        });
        return named;
    }

    /** The output's tokenizer; empty if the configuration does not ask for one. */
    Optional<TokenizerMerge> merge() {
        if (config.tokenizer().isEmpty()) {
            return Optional.empty();
        }
        Set<ModelReference> merged = config.referencedModels();
        List<TokenizerInput> inputs = new ArrayList<>();
        List<TokenizerInput> further = new ArrayList<>();
        for (ModelReference model : models.keySet()) {
            (merged.contains(model) ? inputs : further).add(input(model));
        }
        ModelReference base = config.baseModel().orElse(inputs.getFirst().model());
        return Optional.of(TokenizerMerge.of(config.tokenizer().get(), base, inputs, further));
    }

    /**
     * All about the tokenizer.
     *
     * @param donor     the model whose files the output gets
     * @param tokenizer the tokenizer that is made
     * @param cutTo     the number of rows that embeddings are cut to
     */
    Tokenization tokenization(ModelReference donor, Optional<TokenizerMerge> tokenizer, OptionalInt cutTo) {
        Optional<String> template = config.chatTemplate()
                .flatMap(setting -> ChatTemplate.resolve(
                        setting, config.source().positionOf("chat_template"), setting.equals("auto") ? all() : List.of()));
        if (tokenizer.isEmpty() && template.isPresent()) {
            // Fails where there is nothing to put a template in.
            TokenizerFiles.copy(models.get(donor).directory(), template);
        }
        OptionalInt size = tokenizer.map(merge -> OptionalInt.of(merge.vocabSize())).orElse(cutTo);
        Map<String, Object> changes = new LinkedHashMap<>();
        size.ifPresent(rows -> changes.putAll(sizes(donor, rows)));
        Map<String, Object> generation = new LinkedHashMap<>();
        tokenizer.ifPresent(merge -> {
            Optional<ModelReference> owner = owner().filter(model -> !model.equals(donor));
            TokenIds ids = new TokenIds(merge, donor, owner);
            config(donor, CONFIG).ifPresent(json ->
                    changes.putAll(ids.changes(json, owner.flatMap(model -> config(model, CONFIG)))));
            config(donor, GENERATION_CONFIG).ifPresent(json ->
                    generation.putAll(ids.changes(json, owner.flatMap(model -> config(model, GENERATION_CONFIG)))));
            warnings.addAll(merge.warnings());
            warnings.addAll(ids.warnings());
        });
        return new Tokenization(tokenizer, template, size, changes, generation);
    }

    /** Size of the tokenizer files that were read. */
    long bytesRead() {
        return tokenizers.keySet().stream()
                .flatMap(model -> TokenizerFiles.names().stream().map(models.get(model).directory()::resolve))
                .filter(Files::isRegularFile)
                .mapToLong(TokenizerPlanner::size)
                .sum();
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            // It was read a moment ago; whether it still can be is found out when it is read again.
            return 0;
        }
    }

    /** What the user should know, one line each. */
    List<String> warnings() {
        return warnings;
    }

    private Map<String, Object> sizes(ModelReference donor, int rows) {
        Map<String, Object> sizes = new LinkedHashMap<>();
        config(donor, CONFIG).ifPresent(json -> SIZE_KEYS.stream().filter(json::contains).forEach(key -> sizes.put(key, rows)));
        if (sizes.isEmpty()) {
            sizes.put(SIZE_KEYS.getFirst(), rows);
        }
        return sizes;
    }

    private Optional<ModelReference> owner() {
        return config.tokenizer()
                .filter(tokenizer -> tokenizer.source() instanceof Source.OfModel)
                .map(tokenizer -> ((Source.OfModel) tokenizer.source()).model());
    }

    private Optional<ModelConfig> config(ModelReference model, String name) {
        Path file = models.get(model).directory().resolve(name);
        return Files.isRegularFile(file) ? Optional.of(ModelConfig.read(file)) : Optional.empty();
    }

    private List<Tokenizer> all() {
        return config.referencedModels().stream().map(this::tokenizer).flatMap(Optional::stream).toList();
    }

    private TokenizerInput input(ModelReference model) {
        return new TokenizerInput(model, tokenizer(model), rows(models.get(model)));
    }

    private Optional<Tokenizer> tokenizer(ModelReference model) {
        return tokenizers.computeIfAbsent(model, key -> Tokenizer.read(models.get(key).directory()));
    }

    /** Rows that are tokens: those that config.json and all matrices have. */
    private int rows(Checkpoint checkpoint) {
        int matrices = checkpoint.tensors().values().stream()
                .filter(tensor -> architecture.place(tensor.name()).role().countsTokens())
                .mapToInt(TokenRows::rows)
                .min()
                .orElseThrow(() -> new CheckpointException(
                        checkpoint.location() + ": no tensor is known to be an embedding, so none can follow the tokenizer",
                        "remove the tokenizer setting, or use a model whose embeddings have usual names"));
        long stated = checkpoint.configJson().map(ModelConfig::read).stream()
                .flatMap(json -> SIZE_KEYS.stream().flatMap(key -> json.integer(key).stream()))
                .mapToLong(size -> Math.max(0, size))
                .min()
                .orElse(matrices);
        return Math.toIntExact(Math.min(matrices, stated));
    }
}
