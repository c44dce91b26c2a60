// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.ingot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two small models of random weights with odd sizes: one with shared heads of keys, heads longer than their share of the
 * width, tied embeddings and BF16; one with as many heads of keys, a head of its own and F32. The references were
 * computed by Hugging Face transformers 5.18 in double precision.
 */
class LlamaModelTest {
    private static final float TOLERANCE = 2e-5f;
    private static final int TOKENS = 19;
    private static final int VOCABULARY = 259;

    @TempDir
    private Path temp;

    @ParameterizedTest
    @CsvSource({"tied, family/base", "untied, untied"})
    void logitsAreThoseOfTransformers(String name, String folder) {
        LlamaModel model = LlamaModel.load(Fixtures.llama(folder));
        assertThat(model.vocabulary()).isEqualTo(VOCABULARY);
        try (TensorSource reference = TensorSource.open(Fixtures.llama("logits.safetensors"))) {
            int[] tokens = Arrays.stream(reference.longs("tokens", TOKENS)).mapToInt(Math::toIntExact).toArray();
            float[] expected = reference.floats(name, TOKENS, VOCABULARY);
            float[][] logits = model.logits(tokens);
            for (int t = 0; t < TOKENS; t++) {
                float[] row = Arrays.copyOfRange(expected, t * VOCABULARY, (t + 1) * VOCABULARY);
                assertThat(logits[t]).as("token %s", t).containsExactly(row, within(TOLERANCE));
            }
        }
    }

    @Test
    void laterTokensChangeNothingBefore() {
        LlamaModel model = LlamaModel.load(Fixtures.llama("family/base"));
        float[][] five = model.logits(new int[] {256, 10, 20, 30, 40});
        float[][] three = model.logits(new int[] {256, 10, 20});
        for (int t = 0; t < three.length; t++) {
            assertThat(five[t]).containsExactly(three[t], within(TOLERANCE));
        }
        assertThat(model.logits(new int[] {256, 11, 20})[2]).isNotEqualTo(three[2]);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"llama\"|\"gemma\"|model_type is not llama",
        "\"silu\"|\"gelu\"|hidden_act is not silu",
        "\"num_key_value_heads\": 2|\"num_key_value_heads\": 3|4 heads cannot share 3",
        "\"head_dim\": 8|\"head_dim\": 7|must be even, not 7",
        "\"vocab_size\": 259|\"vocab_size\": 0|vocab_size is 0",
        "\"rope_theta\": 500.0|\"rope_scaling\": {\"rope_type\": \"llama3\"}|rope_scaling.rope_type is not default",
        "\"rope_theta\": 500.0|\"rope_theta\": \"big\"|a number expected",
        "\"rope_theta\": 500.0|\"attention_bias\": true|attention_bias is set",
        "\"hidden_size\": 24|\"hidden_size\": 25|expected shape [25]"})
    void otherModelsAreRefused(String part, String replacement, String message) throws IOException {
        Path base = Fixtures.llama("family/base");
        String config = Files.readString(base.resolve("config.json"));
        assertThat(config).contains(part);
        Files.writeString(temp.resolve("config.json"), config.replace(part, replacement));
        Files.copy(base.resolve("model.safetensors"), temp.resolve("model.safetensors"));
        assertThatThrownBy(() -> LlamaModel.load(temp)).isInstanceOf(CheckpointException.class)
                .hasMessageContaining(temp.toString()).hasMessageContaining(message);
    }
}
