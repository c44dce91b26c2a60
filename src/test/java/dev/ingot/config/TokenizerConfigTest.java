// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.config.TokenizerConfig.Embedding;
import dev.ingot.config.TokenizerConfig.Source;
import dev.ingot.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenizerConfigTest {
    private static TokenizerConfig read(String lines) {
        return TestConfigs.linear(lines).tokenizer().orElseThrow();
    }

    @Test
    void readsAllKindsOfTokens() {
        TokenizerConfig config = read("""
                tokenizer:
                  source: {model: {path: a}}
                  pad_to_multiple_of: 64
                  tokens:
                    <|im_start|>: {source: b}
                    "  ": {source: {kind: zero}, force: yes}
                    x: {source: {kind: model_token, model: b, token_id: 7}, force: false}
                    y: {source: {kind: model_token, model: b+c, token: "7"}}
                    z: {force: 'on'}
                """);
        assertThat(config.source()).isEqualTo(new Source.OfModel(ModelReference.of("a")));
        assertThat(config.padToMultipleOf()).hasValue(64);
        assertThat(config.position()).isEqualTo(new Position("m.yml", 3, 1));
        assertThat(config.tokens().keySet()).containsExactly("<|im_start|>", "  ", "x", "y", "z");
        assertThat(config.tokens().values()).map(TokenizerConfig.Token::force)
                .containsExactly(false, true, false, false, true);
        assertThat(config.tokens().values()).map(token -> token.embedding().orElse(null)).containsExactly(
                new Embedding.OfModel(ModelReference.of("b")),
                new Embedding.Zero(),
                new Embedding.OfTokenId(ModelReference.of("b"), 7),
                new Embedding.OfToken(ModelReference.parse("b+c"), "7"),
                null);
    }

    @Test
    void theOlderFormMeansTheSame() {
        assertThat(read("tokenizer_source: base").source()).isEqualTo(new Source.Base());
        assertThat(read("tokenizer_source: a@r").source()).isEqualTo(new Source.OfModel(ModelReference.parse("a@r")));
        assertThat(read("tokenizer: {}").source()).isEqualTo(new Source.Union());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "tokenizer: union | 'tokenizer' must be a mapping, found 'union' (m.yml:3:12)",
        "tokenizer: {pad_to_multiple_of: 0} | 'pad_to_multiple_of' is below 1 (m.yml:3:1)",
        "tokenizer: {tokens: {x: }} | token 'x' must be a mapping, found nothing (m.yml:3:24)",
        "tokenizer: {tokens: {x: {force: 2}}} | 'force' must be true or false, found '2' (m.yml:3:33)",
        "tokenizer: {tokens: {x: {source: {kind: one}}}} | unknown kind 'one' of token source (m.yml:3:41)",
        "tokenizer: {tokens: {x: {source: {kind: zero, model: a}}}}"
                + " | unknown key 'model' in a source of kind zero (m.yml:3:47)",
        "tokenizer: {tokens: {x: {source: {kind: model_token, model: a}}}}"
                + " | a source of kind model_token needs exactly one of token_id and token (m.yml:3:34)",
        "tokenizer: {tokens: {x: {source: {kind: model_token, model: a, token: b, token_id: 1}}}}"
                + " | a source of kind model_token needs exactly one of token_id and token (m.yml:3:34)",
        "tokenizer: {tokens: {x: {source: {kind: model_token, model: a, token_id: -1}}}}"
                + " | token_id -1 is negative (m.yml:3:74)",
        "tokenizer: {tokens: {x: {source: {kind: model_token, token_id: 1}}}}"
                + " | 'model' is missing in 'source' (m.yml:3:34)"
    })
    void refuses(String line, String message) {
        assertThatThrownBy(() -> read(line)).isInstanceOf(ConfigException.class).hasMessage(message);
    }
}
