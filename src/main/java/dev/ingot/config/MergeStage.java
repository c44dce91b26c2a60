// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * One document of a configuration: a merge, with a name under which others may refer to its result.
 *
 * @param name     what others write where a model is wanted; the final merge may have none
 * @param config   the merge
 * @param position where it was named, or where the document begins
 */
public record MergeStage(Optional<String> name, MergeConfig config, Position position) {
    /** Refuses nulls. */
    public MergeStage {
        Objects.requireNonNull(name);
        Objects.requireNonNull(config);
        Objects.requireNonNull(position);
    }

    /** Paths of all models that it mentions, those of tokenizer settings and companions included. */
    Set<String> paths() {
        Set<ModelReference> models = new LinkedHashSet<>(config.referencedModels());
        models.addAll(config.companions());
        config.tokenizer().ifPresent(tokenizer -> {
            if (tokenizer.source() instanceof TokenizerConfig.Source.OfModel source) {
                models.add(source.model());
            }
            tokenizer.tokens().values().forEach(token -> token.embedding().flatMap(MergeStage::model).ifPresent(models::add));
        });
        Set<String> paths = new LinkedHashSet<>();
        models.forEach(model -> paths.add(model.path()));
        return paths;
    }

    /** The same, made from a whole file: with it the merge can be repeated. */
    MergeStage withText(String text) {
        ConfigSource source = config.source();
        return new MergeStage(
                name,
                new MergeConfig(
                        config.mergeMethod(), config.layout(), config.baseModel(), config.parameters(), config.dtype(),
                        config.outDtype(), config.tokenizer(), config.chatTemplate(), config.warnings(),
                        new ConfigSource(source.name(), text, source.keys())),
                position);
    }

    private static Optional<ModelReference> model(TokenizerConfig.Embedding embedding) {
        return switch (embedding) {
            case TokenizerConfig.Embedding.Zero zero -> Optional.empty();
            case TokenizerConfig.Embedding.OfModel same -> Optional.of(same.model());
            case TokenizerConfig.Embedding.OfTokenId byId -> Optional.of(byId.model());
            case TokenizerConfig.Embedding.OfToken byText -> Optional.of(byText.model());
        };
    }
}
