// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import static dev.ingot.tokenizer.TestTokenizer.bpe;
import static dev.ingot.tokenizer.TestTokenizer.config;
import static dev.ingot.tokenizer.TestTokenizer.input;
import static dev.ingot.tokenizer.TestTokenizer.model;
import static dev.ingot.tokenizer.TestTokenizer.token;
import static dev.ingot.tokenizer.TestTokenizer.tokens;
import static dev.ingot.tokenizer.TestTokenizer.union;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.config.Position;
import dev.ingot.config.TokenizerConfig;
import dev.ingot.config.TokenizerConfig.Embedding;
import dev.ingot.config.TokenizerConfig.Source;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tokens the output has, and where their embeddings come from. */
class TokenizerMergeTest {
    @TempDir
    private Path folder;

    private TokenizerInput a;
    private TokenizerInput b;
    private TokenizerInput c;

    @BeforeEach
    void models() {
        a = input("a", bpe("x", "y", "z").added("<s>", 3).merge("x y").in(folder.resolve("a")));
        b = input("b", bpe("y", "x", "xy").added("<s>", 3).added("<b>", 4).merge("x y").in(folder.resolve("b")));
        c = input("c", bpe("xy", "x", "w").added("<c>", 3).in(folder.resolve("c")));
    }

    @Test
    void unionAppendsOrdinaryTokensThenAddedOnes() {
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(a, b, c));
        assertThat(tokens(merge.vocabulary())).isEqualTo(
                Map.of(0, "x", 1, "y", 2, "z", 3, "<s>", 4, "xy", 5, "w", 6, "<b>", 7, "<c>"));
        assertThat(merge.vocabulary().addedTokens()).extracting(AddedToken::content).containsExactly("<s>", "<b>", "<c>");
        assertThat(merge.vocabSize()).isEqualTo(8);
        assertThat(merge.warnings()).isEmpty();
    }

    @Test
    void missingTokensTakeTheBasesRowOrTheMeanOfThoseThatHaveIt() {
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(a, b, c));
        EmbeddingPlan plan = merge.embeddingPlan(List.of(model("b"), model("c")));
        assertThat(plan.sources()).containsExactly(model("b"), model("c"), model("a"));
        assertThat(sources(plan.maps().get(0))).containsExactly(1, 0, -1, 3, 2, -1, 4, -1);
        assertThat(sources(plan.maps().get(1))).containsExactly(1, -1, -1, -1, 0, 2, -1, 3);
        assertThat(shared(plan, 1)).as("y, base has it").isEqualTo("2:1");
        assertThat(shared(plan, 2)).as("z, only the base").isEqualTo("2:2");
        assertThat(shared(plan, 5)).as("w, only c").isEqualTo("1:2");
        assertThat(plan.shared().entryOf(0)).as("x, all have it").isNegative();
        EmbeddingPlan all = merge.embeddingPlan(List.of(model("a"), model("b"), model("c")));
        assertThat(shared(all, 4)).as("xy, both but the base").isEqualTo("1:2 2:0");
        assertThat(all.sources()).hasSize(3);
    }

    @Test
    void baseAndModelSourcesKeepThatModelsTokens() {
        TokenizerMerge base = TokenizerMerge.of(config(new Source.Base(), Map.of()), model("a"), List.of(a, b));
        assertThat(tokens(base.vocabulary())).isEqualTo(tokens(a.tokenizer().orElseThrow().vocabulary()));
        assertThat(base.embeddingPlan(List.of(model("a"))).isIdentity()).isTrue();
        TokenizerMerge other =
                TokenizerMerge.of(config(new Source.OfModel(model("b")), Map.of()), model("a"), List.of(a, b));
        assertThat(tokens(other.vocabulary())).isEqualTo(tokens(b.tokenizer().orElseThrow().vocabulary()));
        assertThat(other.outputId(model("a"), 1)).hasValue(0);
        assertThat(other.outputId(model("a"), 2)).isEmpty();
        assertThat(other.outputId(model("a"), 99)).isEmpty();
    }

    @Test
    void tokensWithoutEmbeddingAreLeftOutOfBaseAndUnion() {
        TokenizerInput padded = input("a", a.tokenizer().orElseThrow(), 2);
        TokenizerMerge base = TokenizerMerge.of(config(new Source.Base(), Map.of()), model("a"), List.of(padded, b));
        assertThat(tokens(base.vocabulary())).isEqualTo(Map.of(0, "x", 1, "y"));
        TokenizerMerge merged = TokenizerMerge.of(
                union(), model("b"), List.of(input("b", b.tokenizer().orElseThrow(), 4), padded));
        assertThat(tokens(merged.vocabulary()).values()).containsExactly("y", "x", "xy", "<s>");
        assertThat(sources(merged.embeddingPlan(List.of(model("a"))).maps().getFirst())).containsExactly(1, 0, -1, -1);
    }

    @Test
    void aModelsOwnTokenizerKeepsTokensThatHaveNoEmbedding() {
        TokenizerInput padded = input("b", b.tokenizer().orElseThrow(), 3);
        TokenizerMerge merge =
                TokenizerMerge.of(config(new Source.OfModel(model("b")), Map.of()), model("a"), List.of(a, padded));
        assertThat(merge.vocabSize()).isEqualTo(5);
        EmbeddingPlan plan = merge.embeddingPlan(List.of(model("a"), model("b")));
        assertThat(shared(plan, 3)).as("<s> of the base").isEqualTo("0:3");
        assertThat(shared(plan, 4)).as("<b> of nobody: zeros").isEmpty();
    }

    @Test
    void namedTokensTakeTheirSource() {
        Map<String, TokenizerConfig.Token> wanted = Map.of(
                "new", token(new Embedding.Zero(), false),
                "copy", token(new Embedding.OfToken(model("b"), "<b>"), false),
                "y", token(new Embedding.OfTokenId(model("b"), 2), true),
                "<b>", token(new Embedding.OfModel(model("b")), true),
                "z", token(null, true),
                "nobody", token(null, false));
        TokenizerMerge merge = TokenizerMerge.of(config(new Source.Base(), wanted), model("a"), List.of(a, b));
        EmbeddingPlan plan = merge.embeddingPlan(List.of(model("a"), model("b")));
        Vocabulary tokens = merge.vocabulary();
        assertThat(merge.vocabSize()).isEqualTo(8);
        assertThat(shared(plan, tokens.id("new").orElseThrow())).isEmpty();
        assertThat(shared(plan, tokens.id("nobody").orElseThrow())).isEmpty();
        assertThat(shared(plan, tokens.id("copy").orElseThrow())).isEqualTo("1:4");
        assertThat(shared(plan, 1)).isEqualTo("1:2");
        assertThat(shared(plan, 2)).isEqualTo("0:2");
        assertThat(shared(plan, tokens.id("<b>").orElseThrow())).isEqualTo("1:4");
        for (RowMap map : plan.maps()) {
            assertThat(map.source(1)).isEqualTo(RowMap.SHARED);
            assertThat(map.source(2)).isEqualTo(RowMap.SHARED);
        }
        assertThat(tokens.addedToken("<b>").special()).as("settings of the model that has it").isTrue();
        assertThat(tokens.addedToken("new")).isEqualTo(AddedToken.plain(tokens.id("new").orElseThrow(), "new"));
    }

    @Test
    void sourcesThatDoNotExistAreErrors() {
        assertThatThrownBy(() -> merged("y", new Embedding.OfModel(model("q"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'q' is not one of the models");
        assertThatThrownBy(() -> merged("q", new Embedding.OfModel(model("b"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("has no token 'q'");
        assertThatThrownBy(() -> merged("y", new Embedding.OfToken(model("b"), "q"))).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> merged("y", new Embedding.OfTokenId(model("b"), 5)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("5 embeddings");
        assertThatThrownBy(() -> TokenizerMerge.of(
                        config(new Source.OfModel(model("q")), Map.of()), model("a"), List.of(a, b)))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> TokenizerMerge.of(
                        union(), model("a"), List.of(new TokenizerInput(model("a"), Optional.empty(), 4), b)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("has no tokenizer files");
    }

    private TokenizerMerge merged(String text, Embedding embedding) {
        return TokenizerMerge.of(
                config(new Source.Union(), Map.of(text, token(embedding, false))), model("a"), List.of(a, b));
    }

    @Test
    void paddingRowsAreMeans() {
        TokenizerMerge merge = TokenizerMerge.of(padded(16), model("a"), List.of(a, b));
        RowMap map = merge.embeddingPlan(List.of(model("a"))).maps().getFirst();
        assertThat(merge.vocabSize()).isEqualTo(16);
        assertThat(map.tokenRows()).isEqualTo(6);
        assertThat(map.source(6)).isEqualTo(RowMap.MEAN);
        assertThat(map.runEnd(6)).isEqualTo(16);
        assertThat(TokenizerMerge.of(padded(3), model("a"), List.of(a, b)).vocabSize()).isEqualTo(6);
        assertThat(TokenizerMerge.of(padded(Integer.MAX_VALUE), model("a"), List.of(a, b)).vocabSize())
                .isEqualTo(Integer.MAX_VALUE);
    }

    private static TokenizerConfig padded(int multiple) {
        return new TokenizerConfig(new Source.Union(), Map.of(), OptionalInt.of(multiple), Position.NONE);
    }

    @Test
    void aModelWithoutTokenizerHasTheBases() {
        TokenizerInput none = new TokenizerInput(model("n"), Optional.empty(), 3);
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(a, none));
        assertThat(merge.warnings()).singleElement().asString().contains("n has no tokenizer files");
        assertThat(sources(merge.embeddingPlan(List.of(model("n"))).maps().getFirst())).containsExactly(0, 1, 2, -1);
    }

    @Test
    void idsWithoutTokenKeepTheirRow() {
        TokenizerInput holes = input("h", bpe("x", "y").added("<s>", 4).in(folder.resolve("h")), 6);
        TokenizerMerge merge = TokenizerMerge.of(union(), model("h"), List.of(holes, a));
        assertThat(merge.vocabulary().id("z")).hasValue(5);
        EmbeddingPlan plan = merge.embeddingPlan(List.of(model("h"), model("a")));
        assertThat(shared(plan, 2)).isEqualTo("0:2");
        assertThat(shared(plan, 3)).isEqualTo("0:3");
    }

    @Test
    void differingSettingsAndKindsAreReported() {
        TokenizerInput other = input("o", bpe("x").added("<s>", 1).ordinary().in(folder.resolve("o")));
        assertThat(TokenizerMerge.of(union(), model("a"), List.of(a, other)).warnings())
                .singleElement().asString().contains("1 added tokens of o", "'<s>'");
        Tokenizer unigram = TestTokenizer.write(folder.resolve("u"), TokenizerFiles.FAST,
                "{\"added_tokens\":[],\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"q\",-1.5]]}}");
        assertThat(TokenizerMerge.of(union(), model("a"), List.of(a, input("u", unigram))).warnings())
                .singleElement().asString().contains("Unigram", "BPE");
    }

    @Test
    void anOrdinaryTokenThatAnotherModelAddsIsAddedAtItsPlace() {
        TokenizerInput other = input("o", bpe("x").added("y", 1).in(folder.resolve("o")));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), List.of(a, other));
        assertThat(merge.vocabSize()).isEqualTo(4);
        assertThat(merge.vocabulary().addedToken("y").id()).isEqualTo(1);
    }

    static int[] sources(RowMap map) {
        int[] sources = new int[map.rows()];
        for (int row = 0; row < sources.length; row++) {
            sources[row] = map.source(row);
        }
        return sources;
    }

    /** The parts of a shared row as {@code model:row}. */
    static String shared(EmbeddingPlan plan, int row) {
        int entry = plan.shared().entryOf(row);
        assertThat(entry).as("shared row " + row).isNotNegative();
        assertThat(plan.shared().outputRow(entry)).isEqualTo(row);
        StringBuilder parts = new StringBuilder();
        for (int part = 0; part < plan.shared().parts(entry); part++) {
            parts.append(part == 0 ? "" : " ").append(plan.shared().model(entry, part)).append(':')
                    .append(plan.shared().row(entry, part));
        }
        return parts.toString();
    }
}
