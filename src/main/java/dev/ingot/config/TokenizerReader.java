// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.config.TokenizerConfig.Embedding;
import dev.ingot.config.TokenizerConfig.Source;
import dev.ingot.config.TokenizerConfig.Token;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads the tokenizer settings (mergekit.md 1.8). */
final class TokenizerReader {
    private final NodeReader nodes;
    private final ModelReader models;

    TokenizerReader(NodeReader nodes, ModelReader models) {
        this.nodes = nodes;
        this.models = models;
    }

    /** The older form: {@code tokenizer_source: X} is {@code tokenizer: {source: X}}. */
    TokenizerConfig legacy(YamlNode node, Position position) {
        return new TokenizerConfig(source(node, "'tokenizer_source'"), Map.of(), OptionalInt.empty(), position);
    }

    TokenizerConfig modern(YamlNode node, Position position) {
        if (node instanceof YamlNode.Scalar scalar) {
            throw node.position().error(
                    "'tokenizer' must be a mapping, found " + node.words(),
                    "write tokenizer: {source: " + Quote.clip(scalar.text()) + "}, or tokenizer_source: "
                            + Quote.clip(scalar.text()));
        }
        NodeReader.Fields fields = nodes.fields(node, "'tokenizer'", "source", "tokens", "pad_to_multiple_of");
        Source source = fields.get("source").map(value -> source(value, "'source'")).orElse(new Source.Union());
        Map<String, Token> tokens = fields.get("tokens").map(this::tokens).orElse(Map.of());
        Optional<Integer> padding =
                fields.get("pad_to_multiple_of").map(value -> nodes.integer(value, "'pad_to_multiple_of'"));
        return new TokenizerConfig(
                source, tokens, padding.map(OptionalInt::of).orElse(OptionalInt.empty()), position);
    }

    private Source source(YamlNode node, String what) {
        if (node instanceof YamlNode.Scalar scalar) {
            switch (scalar.text()) {
                case "union" -> {
                    return new Source.Union();
                }
                case "base" -> {
                    return new Source.Base();
                }
                default -> { }
            }
        }
        return new Source.OfModel(models.model(node, what));
    }

    private Map<String, Token> tokens(YamlNode node) {
        Map<String, Token> tokens = new LinkedHashMap<>();
        for (YamlNode.Entry entry : nodes.entries(node, "'tokens'")) {
            String text = entry.key().text();
            NodeReader.Fields fields = nodes.fields(entry.value(), "token " + Quote.of(text), "source", "force");
            tokens.put(text, new Token(
                    fields.get("source").map(this::embedding),
                    fields.get("force").map(value -> nodes.flag(value, "'force'")).orElse(false),
                    entry.key().position()));
        }
        return tokens;
    }

    private Embedding embedding(YamlNode node) {
        if (!(node instanceof YamlNode.Mapping mapping) || !mapping.entries().containsKey("kind")) {
            return new Embedding.OfModel(models.model(node, "'source'"));
        }
        NodeReader.Fields fields = nodes.fields(node, "'source'", "kind", "model", "token_id", "token");
        YamlNode kind = fields.require("kind", "write zero or model_token");
        String name = nodes.text(kind, "'kind'");
        return switch (name) {
            case "zero" -> {
                nodes.fields(node, "a source of kind zero", "kind");
                yield new Embedding.Zero();
            }
            case "model_token" -> modelToken(fields);
            default -> throw kind.position().error(
                    "unknown kind " + Quote.of(name) + " of token source", "write zero or model_token");
        };
    }

    private Embedding modelToken(NodeReader.Fields fields) {
        ModelReference model = models.model(fields.require("model", "name the model that has the token"), "'model'");
        Optional<YamlNode> id = fields.get("token_id");
        Optional<YamlNode> token = fields.get("token");
        if (id.isPresent() == token.isPresent()) {
            throw fields.position().error(
                    "a source of kind model_token needs exactly one of token_id and token",
                    "give the id or the text of the token");
        }
        if (token.isPresent()) {
            return new Embedding.OfToken(model, nodes.text(token.get(), "'token'"));
        }
        int number = nodes.integer(id.get(), "'token_id'");
        if (number < 0) {
            throw id.get().position().error("token_id " + number + " is negative", "give the row of the token");
        }
        return new Embedding.OfTokenId(model, number);
    }
}
