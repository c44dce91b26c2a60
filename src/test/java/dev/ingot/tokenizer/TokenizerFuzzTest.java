// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import static dev.ingot.tokenizer.TestTokenizer.config;
import static dev.ingot.tokenizer.TestTokenizer.model;
import static dev.ingot.tokenizer.TestTokenizer.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.ingot.config.TokenizerConfig.Embedding;
import dev.ingot.config.TokenizerConfig.Source;
import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged tokenizers end in a CheckpointException of two lines, or in an output whose files say what its vocabulary is.
 */
class TokenizerFuzzTest {
    private static final int CASES = 400;
    private static final long MAX_NANOS = 10_000_000_000L;
    private static final List<String> FRAGMENTS = List.of(
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "0", "-1", "1e9", "70000", "2097152", "9999999999999",
            "null", "true", "NaN", " ", "\n", "\u0000", "\uFEFF", "\u00e9", "\"id\"", "\"content\"", "\"a\"", "\"a b\"",
            "\"type\":\"Unigram\",", "\"type\":\"WordPiece\",", "\"model\":{", "\"vocab\":{\"a\":0},", "\"merges\":[",
            "\"added_tokens\":[", "[[[[", "{\"a\":");

    @TempDir
    private Path folder;

    @Test
    void damagedFilesNeverEscape() throws IOException {
        Path good = folder.resolve("good");
        Tokenizer other = TestTokenizer.bpe("a", "b", "ab", "q").merge("a b").added("<s>", 4).added("<t>", 5).in(good);
        Map<String, String> seeds = Map.of(
                "tokenizer.json", TestTokenizer.bpe("a", "b", "c", "ca").merge("c a").added("<s>", 4).compact(),
                "tokenizer_config.json",
                "{\"added_tokens_decoder\": {\"4\": {\"content\": \"<s>\", \"special\": true}}, \"chat_template\": \"x\"}",
                "added_tokens.json", "{\"<s>\": 4, \"<u>\": 5}",
                "vocab.json", "{\"a\": 0, \"b\": 1, \"c\": 2, \"ca\": 3}",
                "vocab.txt", "a\nb\nc\nca\n",
                "merges.txt", "#version: 0.2\nc a\n");
        List<String> names = seeds.keySet().stream().sorted().toList();
        int accepted = 0;
        for (int seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            // New files each time: ext4 flushes a file whose content is replaced.
            Path directory = folder.resolve("case" + seed);
            Files.createDirectories(directory);
            String damaged = names.get(random.nextInt(names.size()));
            boolean fast = random.nextInt(3) > 0 || damaged.equals("tokenizer.json");
            for (String name : names) {
                Path file = directory.resolve(name);
                boolean absent =
                        name.equals("tokenizer.json") && !fast || name.startsWith("vocab") && random.nextInt(4) == 0;
                if (!absent) {
                    byte[] bytes = seeds.get(name).getBytes(StandardCharsets.UTF_8);
                    Files.write(file, name.equals(damaged) ? damage(bytes, random) : bytes);
                }
            }
            accepted += run(directory, other, random, seed) ? 1 : 0;
        }
        assertThat(accepted).as("accepted mutants").isBetween(CASES / 50, CASES * 9 / 10);
    }

    private boolean run(Path directory, Tokenizer other, Random random, int seed) {
        long start = System.nanoTime();
        try {
            Optional<Tokenizer> read = Tokenizer.read(directory);
            if (read.isEmpty()) {
                return false;
            }
            TokenizerInput damaged = TestTokenizer.input(
                    "damaged", read.get(), random.nextBoolean() ? read.get().vocabulary().rows() : random.nextInt(6));
            Source source = random.nextBoolean() ? new Source.Union() : new Source.OfModel(model("damaged"));
            TokenizerMerge merge = TokenizerMerge.of(
                    config(source, Map.of("<new>", token(new Embedding.Zero(), random.nextBoolean()))),
                    model(random.nextBoolean() ? "damaged" : "good"),
                    List.of(damaged, TestTokenizer.input("good", other)));
            merge.embeddingPlan(List.of(model("good"), model("damaged")));
            Map<String, byte[]> files = merge.files(Optional.of("a template of a conversation"));
            Path out = folder.resolve("out" + seed);
            Vocabulary written = TestTokenizer.write(out, files).vocabulary();
            for (AddedToken token : merge.vocabulary().addedTokens()) {
                assertThat(written.id(token.content())).hasValue(token.id());
            }
            return true;
        } catch (CheckpointException e) {
            assertThat(e.getMessage().lines()).as("seed " + seed).hasSize(1);
            assertThat(e.hint().lines()).as("seed " + seed).hasSize(1);
            return false;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return fail("seed " + seed, e);
        } finally {
            assertThat(System.nanoTime() - start).as("seed " + seed).isLessThan(MAX_NANOS);
        }
    }

    private static byte[] damage(byte[] bytes, Random random) {
        List<Byte> text = new ArrayList<>();
        for (byte b : bytes) {
            text.add(b);
        }
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            int at = random.nextInt(text.size() + 1);
            switch (random.nextInt(6)) {
                case 0 -> text.subList(at, Math.min(text.size(), at + random.nextInt(30))).clear();
                case 1 -> text.subList(at, text.size()).clear();
                case 2 -> {
                    if (at < text.size()) {
                        text.set(at, (byte) random.nextInt(256));
                    }
                }
                case 3 -> {
                    int from = random.nextInt(text.size() + 1);
                    int to = Math.min(text.size(), from + random.nextInt(60));
                    text.addAll(at, List.copyOf(text.subList(from, to)));
                }
                default -> {
                    List<Byte> fragment = new ArrayList<>();
                    for (byte b : FRAGMENTS.get(random.nextInt(FRAGMENTS.size())).getBytes(StandardCharsets.UTF_8)) {
                        fragment.add(b);
                    }
                    text.addAll(at, fragment);
                }
            }
        }
        byte[] damaged = new byte[text.size()];
        for (int i = 0; i < damaged.length; i++) {
            damaged[i] = text.get(i);
        }
        return damaged;
    }
}
