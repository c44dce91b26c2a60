// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static dev.ingot.plan.ArchFixture.layers;
import static dev.ingot.plan.ArchFixture.names;
import static dev.ingot.plan.PlanFixture.EMBEDDING;
import static dev.ingot.plan.PlanFixture.HEAD;
import static dev.ingot.plan.PlanFixture.inputs;
import static dev.ingot.plan.PlanFixture.tensors;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tied heads are written once, missing ones are found, and config.json says which it is. */
class TiedNamesTest {
    private static final String GEMMA = "{'model_type': 'gemma2', 'architectures': ['Gemma2ForCausalLM'], 'num_hidden_layers': 2}";
    private static final String TIED = "{'model_type': 'llama', 'architectures': ['LlamaForCausalLM'], 'tie_word_embeddings': true}";
    private static final String UNTIED = "{'model_type': 'llama', 'architectures': ['LlamaForCausalLM']}";

    @TempDir
    private Path directory;

    private ArchFixture models;

    @BeforeEach
    void writeModels() throws IOException {
        models = new ArchFixture(directory);
        model("gemma", GEMMA);
        model("gemma2", GEMMA);
        model("twice", GEMMA, HEAD + "=1");
        model("tied", TIED);
        model("tied2", TIED);
        model("untied", UNTIED, HEAD + "=7");
        model("odd", TIED, HEAD + "=8");
        model("headless", TIED.replace("ForCausalLM", "Model"));
        model("headless2", TIED.replace("ForCausalLM", "Model"));
    }

    private void model(String name, String config, String... more) throws IOException {
        models.model(name, config, names(
                List.of(EMBEDDING + "=1", PlanFixture.NORM), layers("model.layers", 2, "a", "b"), List.of(more)));
    }

    private Plan linear(String first, String second) {
        return models.plan("merge_method: linear\nparameters: {weight: 1}\nmodels: [{model: " + first + "}, {model: " + second + "}]\n");
    }

    private Plan stack(String first, String second) {
        return models.plan("merge_method: passthrough\nslices:\n- sources: [{model: " + first + ", layer_range: [0, 2]}]\n"
                + "- sources: [{model: " + second + ", layer_range: [0, 2]}]\n");
    }

    @ParameterizedTest
    @CsvSource({"gemma, gemma2", "twice, gemma", "gemma, twice", "tied, tied2", "headless, headless2"})
    void tiedHeadIsNotWritten(String first, String second) {
        Plan plan = linear(first, second);
        assertThat(tensors(plan)).containsKey(EMBEDDING).doesNotContainKey(HEAD);
        assertThat(plan.configChanges()).isEmpty();
        assertThat(plan.warnings()).isEmpty();
    }

    @Test
    void headOfOneModelUntiesTheOutput() {
        Plan plan = linear("tied", "untied");
        assertThat(inputs(plan, HEAD)).containsExactly("tied:" + EMBEDDING, "untied:" + HEAD);
        assertThat(plan.configChanges()).isEqualTo(Map.of("tie_word_embeddings", false));
        assertThat(linear("untied", "tied").configChanges()).isEmpty();
    }

    /** Loaders of some versions would overwrite the head, others would believe it; so that it is not lost, it is believed. */
    @Test
    void anotherHeadThanConfigSaysIsKeptWithAWarning() {
        Plan plan = linear("odd", "tied");
        assertThat(inputs(plan, HEAD)).containsExactly("odd:" + HEAD, "tied:" + EMBEDDING);
        assertThat(plan.configChanges()).containsEntry("tie_word_embeddings", false);
        assertThat(plan.warnings()).singleElement().asString().contains("model odd", "config.json ties lm_head.weight");
    }

    /** Begins with one embedding and ends with the other. */
    @ParameterizedTest
    @CsvSource({"gemma, gemma2", "twice, gemma2", "gemma, twice", "tied, tied2"})
    void stackOfTwoTiedModelsHasAHead(String first, String second) {
        Plan plan = stack(first, second);
        assertThat(inputs(plan, EMBEDDING)).containsExactly(first + ":" + EMBEDDING);
        assertThat(inputs(plan, HEAD)).containsExactly(second + ":" + (second.equals("twice") ? HEAD : EMBEDDING));
        assertThat(plan.configChanges()).containsEntry("tie_word_embeddings", false);
    }

    @Test
    void stackOfOneTiedModelStaysTied() {
        Plan plan = stack("twice", "twice");
        assertThat(tensors(plan)).doesNotContainKey(HEAD);
        assertThat(plan.configChanges()).doesNotContainKey("tie_word_embeddings");
        assertThat(tensors(stack("headless", "headless2"))).doesNotContainKey(HEAD);
    }

    /** The base does not take part, and its config.json is not true of the result. */
    @Test
    void outputOfTiedModelsIsTied() {
        Plan plan = models.plan("merge_method: passthrough\nbase_model: untied\nmodels: [{model: tied}]\n");
        assertThat(plan.donor().path()).isEqualTo("untied");
        assertThat(tensors(plan)).doesNotContainKey(HEAD);
        assertThat(plan.configChanges()).isEqualTo(Map.of("tie_word_embeddings", true));
    }

    /** BERT's head has a bias that is tied with it. */
    @Test
    void allOfAHeadIsUntied() throws IOException {
        String weight = "cls.predictions.decoder.weight";
        for (String name : List.of("p", "q")) {
            models.model(name, "{'model_type': 'bert', 'architectures': ['BertForMaskedLM'], 'num_hidden_layers': 2}", names(
                    List.of("bert.embeddings.word_embeddings.weight", "cls.predictions.bias"),
                    layers("bert.encoder.layer", 2, "a", "b")));
        }
        Plan plan = stack("p", "q");
        assertThat(inputs(plan, weight)).containsExactly("q:bert.embeddings.word_embeddings.weight");
        assertThat(inputs(plan, "cls.predictions.decoder.bias")).containsExactly("q:cls.predictions.bias");
        assertThat(tensors(linear("p", "q"))).doesNotContainKeys(weight, "cls.predictions.decoder.bias");
    }

    @Test
    void copiesThatAreAlwaysOneAreWrittenOnce() throws IOException {
        String config = "{'model_type': 't5', 'architectures': ['T5ForConditionalGeneration']}";
        List<String> blocks = names(layers("encoder.block", 2, "a", "b"), layers("decoder.block", 2, "a", "b"));
        models.model("one", config, names(blocks, List.of("shared.weight=3", "encoder.embed_tokens.weight=3")));
        models.model("two", config, names(blocks, List.of("decoder.embed_tokens.weight=4")));
        Plan plan = linear("one", "two");
        assertThat(inputs(plan, "shared.weight")).containsExactly("one:shared.weight", "two:decoder.embed_tokens.weight");
        assertThat(tensors(plan)).doesNotContainKeys("encoder.embed_tokens.weight", "lm_head.weight");
        assertThat(inputs(linear("two", "one"), "decoder.embed_tokens.weight"))
                .containsExactly("two:decoder.embed_tokens.weight", "one:shared.weight");
        assertThat(plan.warnings()).isEmpty();
    }
}
