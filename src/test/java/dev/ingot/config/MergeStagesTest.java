// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.ingot.error.ConfigException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MergeStagesTest {
    /** A merge of these models. */
    private static String merge(String name, String... models) {
        return (name.isEmpty() ? "" : "name: " + name + "\n") + "merge_method: linear\nmodels: [{model: "
                + String.join("}, {model: ", models) + "}]\n";
    }

    private static String documents(String... merges) {
        return String.join("---\n", merges);
    }

    private static MergeStages parse(String... merges) {
        return MergeStages.parse(documents(merges), "m.yml");
    }

    private static List<String> order(MergeStages stages) {
        return stages.stages().stream().map(stage -> stage.name().orElse("final")).toList();
    }

    @Test
    void resultsComeBeforeTheirUse() {
        MergeStages stages = parse(merge("", "c", "x"), merge("c", "a", "b"), merge("a", "y", "z"), merge("b", "a", "y"));
        assertThat(order(stages)).containsExactly("a", "b", "c", "final");
        assertThat(stages.needs(stages.stages().get(2)).stream().map(stage -> stage.name().orElseThrow()))
                .containsExactly("a", "b");
        assertThat(stages.warnings()).isEmpty();
    }

    @Test
    void everyPlaceOfAModelCounts() {
        String base = "merge_method: linear\nbase_model: b\nmodels: [{model: x}]\n";
        String slices = "merge_method: passthrough\nslices: [{sources: [{model: c+lora, layer_range: [0, 1]}]}]\n";
        String tokens = merge("", "x") + "tokenizer: {source: d, tokens: {t: {source: {kind: model_token, model: e, token: u}}}}\n";
        String masks = "merge_method: linear\nmodels: [{model: x, mask: b}]\n";
        for (String text : List.of(base, slices, tokens, masks)) {
            MergeStages stages = parse(text, merge("b", "x"), merge("c", "x"), merge("d", "x"), merge("e", "x"));
            assertThat(stages.needs(stages.stages().getLast())).as(text).isNotEmpty();
        }
    }

    @Test
    void onlyModelsAreReferences() {
        MergeStages stages = parse(merge("linear", "a"), merge("", "linear", "b") + "dtype: float16\n", merge("float16", "a"));
        assertThat(stages.stages().getLast().config().mergeMethod()).isEqualTo("linear");
        assertThat(stages.warnings()).hasSize(1);
        assertThat(stages.warnings().getFirst()).hasToString(
                "no other merge uses the result of 'float16' (m.yml:9:1)");
    }

    @Test
    void theOneThatNobodyUsesIsTheFinalOne() {
        assertThat(order(parse(merge("z", "y"), merge("y", "a")))).containsExactly("y", "z");
    }

    @Test
    void oneDocumentMayHaveAName() {
        MergeStages stages = parse("---\n---\n" + merge("some/thing", "a") + "---\n");
        assertThat(order(stages)).containsExactly("some/thing");
        assertThat(MergeConfig.parse(merge("some/thing", "a"), "m.yml").warnings()).isEmpty();
    }

    @Test
    void eachKeepsItsTextAndTheLastTheWhole() {
        String[] merges = {"# first\n" + merge("a", "x"), "# second\n" + merge("", "a"), merge("b", "x")};
        MergeStages stages = parse(merges);
        assertThat(stages.stages()).extracting(stage -> stage.config().source().text())
                .containsExactly(merges[0], "---\n" + merges[2], documents(merges));
        assertThat(stages.stages().get(1).position()).hasToString("m.yml:10:1");
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(documents(merge("a", "b"), merge("b", "c"), merge("c", "b"), merge("", "a")),
                        "merge 'b' needs its own result: b -> c -> b (m.yml:5:1)"),
                arguments(documents(merge("a", "a"), merge("", "a")), "merge 'a' needs its own result: a -> a (m.yml:1:1)"),
                arguments(documents(merge("x", "q"), merge("a", "b", "x"), merge("b", "a")), "needs its own result: a -> b -> a"),
                arguments(documents(merge("a", "x"), merge("a", "y"), merge("", "a")),
                        "merge name 'a' is given twice, first at line 1 (m.yml:5:1)"),
                arguments(documents(merge("", "x"), merge("", "y")), "neither has the one at line 1 (m.yml:4:1)"),
                arguments(documents(merge("a", "x"), merge("b", "y")),
                        "several merges could be the final one, 'a' and 'b' (m.yml:5:1)"),
                arguments(documents(merge("../a", "x"), merge("", "y")), "'../a' cannot be the name of a directory"),
                arguments(documents(merge("..", "x"), merge("", "y")), "'..' cannot be the name of a directory"),
                arguments(documents(merge("[a]", "x"), merge("", "y")), "'name' must be text"),
                arguments(documents(merge("a", "x"), "nonsense: 1\n"), "unknown key 'nonsense' in the configuration (m.yml:5:1)"),
                arguments("---\n".repeat(101), "more than 100 YAML documents (m.yml:101:1)"),
                arguments("---\n---\n", "the configuration is empty"),
                arguments("", "the configuration is empty"),
                arguments(documents(merge("a", "&m x"), merge("", "*m")), "alias '*m' has no anchor before it"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void mistakesHaveTheirPlace(String text, String message) {
        ConfigException error = catchThrowableOfType(ConfigException.class, () -> MergeStages.parse(text, "m.yml"));
        assertThat(error).hasMessageContaining(message);
        assertThat(error.hint()).isNotBlank();
    }
}
