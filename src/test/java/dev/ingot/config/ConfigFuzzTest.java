// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Seeded mutations of real configurations: each is read or refused with a one-line error, nothing else. */
class ConfigFuzzTest {
    private static final long SEED = 20260917L;
    private static final int CASES = 25_000;

    private static final String[] PIECES = {
        ":", ": ", "- ", "-", "[", "]", "{", "}", ",", "\n", "\n  ", "\n    ", "\t", "#", "&a ", "*a", "<<: *a", "? ",
        "|\n", ">-\n", "'", "\"", "\\", "!!str ", "!!int ", "!x ", "%YAML 1.1\n", "---\n", "...\n", "~", "null", "yes",
        "off", "012", "0x1F", "1_0", "1:30", ".nan", "-.inf", "1e-3", "1e999", "2024-01-01", "''", "\0", "\uFEFF",
        "\u2028", "\uD83D\uDE00", "\uD800", "0", "-1", "4294967296", "a+b@c", "a@@", "filter: mlp", "value: 1",
        "parameters:", "layer_range: [0, 2]", "base_model: b", "slices:", "modules:", "tokenizer: union", "dtype: int64",
        "name: a", "name: second", "\n---\nname: b\nmerge_method: linear\nmodels: [{model: first}]\n", "model: second", "name:",
        "override_architecture: X", "chat_template: auto", "out_dtype: float16", "pad_to_multiple_of: 8"
    };

    private final SplittableRandom random = new SplittableRandom(SEED);

    @Test
    void onlyConfigExceptionOrSuccess() throws IOException {
        List<String> seeds = new ArrayList<>();
        for (Path file : TestConfigs.golden()) {
            seeds.add(Files.readString(file));
        }
        seeds.add(TestConfigs.text("everything.yml"));
        int accepted = 0;
        for (int i = 0; i < CASES; i++) {
            String text = mutate(seeds);
            if (isAccepted(i, text, () -> assertThat(MergeConfig.parse(text, "fuzz.yml").source().text()).isEqualTo(text))) {
                accepted++;
            }
        }
        // both outcomes must be common, or the mutations test nothing
        assertThat(accepted).isBetween(CASES / 50, CASES * 9 / 10);
    }

    @Test
    void severalDocumentsAreReadOrRefusedLikewise() throws IOException {
        List<String> seeds = List.of(
                TestConfigs.text("several.yml"), TestConfigs.text("everything.yml"), TestConfigs.text("several.yml"));
        int accepted = 0;
        int several = 0;
        for (int i = 0; i < CASES / 2; i++) {
            String text = mutate(seeds);
            List<MergeStage> read = new ArrayList<>();
            if (isAccepted(i, text, () -> read.addAll(MergeStages.parse(text, "fuzz.yml").stages()))) {
                accepted++;
                several += read.size() > 1 ? 1 : 0;
                assertThat(read.getLast().config().source().text()).isEqualTo(text);
            }
        }
        assertThat(accepted).isBetween(CASES / 100, CASES * 9 / 20);
        assertThat(several).isGreaterThan(CASES / 200);
    }

    private static boolean isAccepted(int number, String text, Runnable read) {
        try {
            read.run();
            return true;
        } catch (ConfigException e) {
            if (e.getMessage().lines().count() != 1 || e.hint().lines().count() != 1
                    || !e.getMessage().contains("(fuzz.yml") || e.getMessage().length() > 500) {
                fail("bad message in case " + number + " of seed " + SEED + ": " + e.getMessage(), e);
            }
            return false;
        } catch (RuntimeException | StackOverflowError e) {
            return fail("case " + number + " of seed " + SEED + ":\n" + text, e);
        }
    }

    private String mutate(List<String> seeds) {
        String text = seeds.get(random.nextInt(seeds.size()));
        for (int rounds = 1 + random.nextInt(4); rounds > 0; rounds--) {
            text = random.nextInt(3) == 0 ? mutateLines(text, seeds) : mutateText(text);
        }
        return text;
    }

    private String mutateText(String text) {
        int at = random.nextInt(text.length() + 1);
        int end = Math.min(text.length(), at + random.nextInt(6));
        String piece = PIECES[random.nextInt(PIECES.length)];
        return switch (random.nextInt(4)) {
            case 0 -> text.substring(0, at) + text.substring(end);
            case 1 -> text.substring(0, at) + piece + text.substring(at);
            case 2 -> text.substring(0, at) + (char) random.nextInt(0x20, 0x180) + text.substring(end);
            default -> text.substring(0, at) + piece + text.substring(end);
        };
    }

    private String mutateLines(String text, List<String> seeds) {
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
        int line = random.nextInt(lines.size());
        switch (random.nextInt(5)) {
            case 0 -> lines.remove(line);
            case 1 -> lines.add(random.nextInt(lines.size() + 1), lines.get(line));
            case 2 -> Collections.swap(lines, line, random.nextInt(lines.size()));
            case 3 -> {
                String[] other = seeds.get(random.nextInt(seeds.size())).split("\n");
                lines.add(line, other[random.nextInt(other.length)]);
            }
            default -> lines.set(line, " ".repeat(random.nextInt(5)) + lines.get(line).strip());
        }
        return String.join("\n", lines);
    }
}
