// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import static dev.ingot.tokenizer.TestTokenizer.config;
import static dev.ingot.tokenizer.TestTokenizer.input;
import static dev.ingot.tokenizer.TestTokenizer.model;
import static dev.ingot.tokenizer.TestTokenizer.token;
import static dev.ingot.tokenizer.TestTokenizer.tokens;
import static dev.ingot.tokenizer.TestTokenizer.union;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.config.ModelReference;
import dev.ingot.config.TokenizerConfig;
import dev.ingot.config.TokenizerConfig.Embedding;
import dev.ingot.config.TokenizerConfig.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

/** What holds for all tokenizers, on random ones; the seed is the number of the repetition. */
class TokenizerPropertiesTest {
    private static final int REPETITIONS = 30;

    @TempDir
    private Path folder;

    private Tokenizer random(Random random, String name) {
        List<String> texts = new ArrayList<>();
        for (char c = 'a'; c <= 'h'; c++) {
            texts.add(String.valueOf(c));
        }
        List<String> merges = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            String left = texts.get(random.nextInt(texts.size()));
            String right = texts.get(random.nextInt(texts.size()));
            if (!texts.contains(left + right)) {
                texts.add(left + right);
                merges.add(left + " " + right);
            }
        }
        TestTokenizer tokenizer = new TestTokenizer();
        int id = 0;
        Collections.shuffle(texts, random);
        for (String text : texts) {
            tokenizer.token(text, id++);
        }
        merges.forEach(tokenizer::merge);
        List<String> names = new ArrayList<>(List.of("<0>", "<1>", "<2>", "<3>", "<4>", "<5>"));
        Collections.shuffle(names, random);
        for (String text : names.subList(0, random.nextInt(4))) {
            tokenizer.added(text, id++);
            if (random.nextBoolean()) {
                tokenizer.token(text, id - 1);
            }
        }
        return tokenizer.in(folder.resolve(name));
    }

    @RepeatedTest(REPETITIONS)
    void theUnionWithItselfIsItself(RepetitionInfo repetition) {
        Tokenizer a = random(new Random(repetition.getCurrentRepetition()), "a");
        List<TokenizerInput> inputs = List.of(input("a", a), input("b", a));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), inputs);
        assertThat(tokens(merge.vocabulary())).isEqualTo(tokens(a.vocabulary()));
        assertThat(merge.embeddingPlan(List.of(model("a"), model("b"))).isIdentity()).isTrue();
        assertThat(merge.files(Optional.empty()))
                .hasSize(1)
                .hasEntrySatisfying(TokenizerFiles.FAST, bytes -> assertThat(folder.resolve("a").resolve(TokenizerFiles.FAST))
                        .hasBinaryContent(bytes));
    }

    @RepeatedTest(REPETITIONS)
    void theOrderOfModelsDoesNotChangeTheTokens(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        TokenizerInput a = input("a", random(random, "a"));
        TokenizerInput b = input("b", random(random, "b"));
        TokenizerInput c = input("c", random(random, "c"));
        Vocabulary one = TokenizerMerge.of(union(), model("a"), List.of(a, b, c)).vocabulary();
        Vocabulary other = TokenizerMerge.of(union(), model("a"), List.of(c, b, a)).vocabulary();
        Vocabulary third = TokenizerMerge.of(union(), model("c"), List.of(b, a, c)).vocabulary();
        assertThat(new TreeSet<>(tokens(other).values())).isEqualTo(new TreeSet<>(tokens(one).values()));
        assertThat(new TreeSet<>(tokens(third).values())).isEqualTo(new TreeSet<>(tokens(one).values()));
        tokens(a.tokenizer().orElseThrow().vocabulary())
                .forEach((id, text) -> assertThat(one.token(id)).as("the base's ids stay").isEqualTo(text));
    }

    @RepeatedTest(REPETITIONS)
    void filesSayWhatTheVocabularyIs(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        List<TokenizerInput> inputs = inputs(random);
        Map<String, TokenizerConfig.Token> wanted = Map.of("<new>", token(new Embedding.Zero(), false));
        TokenizerMerge merge = TokenizerMerge.of(
                config(new Source.Union(), random.nextBoolean() ? wanted : Map.of()), model("a"), inputs);
        Tokenizer written = TestTokenizer.write(folder.resolve("out"), merge.files(Optional.empty()));
        assertThat(tokens(written.vocabulary())).isEqualTo(tokens(merge.vocabulary()));
        assertThat(written.vocabulary().addedTokens()).isEqualTo(merge.vocabulary().addedTokens());
        for (int rank = 0; rank < written.merges().count(); rank++) {
            assertThat(List.of(
                            written.merges().left(rank), written.merges().right(rank), written.merges().joined(rank)))
                    .as("the tokenizers library refuses merges of tokens that the model lacks")
                    .allMatch(id -> id >= 0);
        }
        int next = written.vocabulary().modelSize();
        for (AddedToken token : written.vocabulary().addedTokens()) {
            int inModel = written.vocabulary().modelId(token.content());
            int number = inModel >= 0 ? inModel : next;
            assertThat(number).as("the id that the tokenizers library gives " + token).isEqualTo(token.id());
            next = Math.max(next, number + 1);
        }
    }

    @RepeatedTest(REPETITIONS)
    void everyRowComesFromWhereTheRulesSay(RepetitionInfo repetition) {
        List<TokenizerInput> inputs = inputs(new Random(repetition.getCurrentRepetition()));
        TokenizerMerge merge = TokenizerMerge.of(union(), model("a"), inputs);
        EmbeddingPlan plan = merge.embeddingPlan(List.of(model("b"), model("c")));
        for (int row = 0; row < plan.rows(); row++) {
            Map<ModelReference, Integer> owners = new LinkedHashMap<>();
            for (TokenizerInput input : inputs) {
                int id = input.tokenizer().orElseThrow().vocabulary().idOrNone(merge.vocabulary().token(row));
                if (id >= 0 && id < input.rows()) {
                    owners.put(input.model(), id);
                }
            }
            for (RowMap map : plan.maps()) {
                assertThat(map.source(row)).isEqualTo(owners.getOrDefault(map.model(), RowMap.SHARED));
            }
            int entry = plan.shared().entryOf(row);
            assertThat(entry >= 0).isEqualTo(!owners.keySet().containsAll(List.of(model("b"), model("c"))));
            if (entry >= 0) {
                int parts = owners.containsKey(model("a")) ? 1 : owners.size();
                assertThat(plan.shared().parts(entry)).isEqualTo(parts);
                for (int part = 0; part < parts; part++) {
                    ModelReference from = plan.sources().get(plan.shared().model(entry, part));
                    assertThat(plan.shared().row(entry, part)).isEqualTo(owners.get(from));
                }
            }
        }
    }

    @RepeatedTest(REPETITIONS)
    void runsCoverTheRowsInOrder(RepetitionInfo repetition) {
        TokenizerMerge merge = TokenizerMerge.of(
                union(), model("a"), inputs(new Random(repetition.getCurrentRepetition())));
        for (RowMap map : merge.embeddingPlan(List.of(model("a"), model("b"), model("c"))).maps()) {
            int row = 0;
            while (row < map.rows()) {
                int end = map.runEnd(row);
                assertThat(end).isGreaterThan(row).isLessThanOrEqualTo(map.rows());
                for (int i = row + 1; i < end; i++) {
                    assertThat(map.source(i)).isEqualTo(map.source(row) < 0 ? map.source(row) : map.source(row) + i - row);
                }
                row = end;
            }
        }
    }

    private List<TokenizerInput> inputs(Random random) {
        List<TokenizerInput> inputs = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            Tokenizer tokenizer = random(random, name);
            inputs.add(input(name, tokenizer, tokenizer.vocabulary().rows() - random.nextInt(3) * random.nextInt(3)));
        }
        return inputs;
    }
}
