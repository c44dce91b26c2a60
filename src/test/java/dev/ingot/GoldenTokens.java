// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.fixture.TestTensor;
import dev.ingot.tokenizer.Tokenizer;
import dev.ingot.tokenizer.Vocabulary;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Golden cases with tokenizers. mergekit's order of new tokens is another in each run, so rows of embeddings and heads are
 * compared by the text of their tokens.
 */
final class GoldenTokens {
    static final String COMPARE = "by_token";

    private static final Set<String> MATRICES = Set.of("model.embed_tokens.weight", "lm_head.weight");

    private GoldenTokens() {}

    static boolean applies(GoldenCase golden) {
        return golden.compare().equals(COMPARE);
    }

    /** Puts rows of the expected tensors in the order of the result's tokens, which must be the same tokens. */
    static void reorder(GoldenCase golden, Path output, Map<String, TestTensor> expected) {
        Vocabulary found = Tokenizer.read(output).orElseThrow().vocabulary();
        Vocabulary wanted = Tokenizer.read(golden.folder()).orElseThrow().vocabulary();
        assertThat(tokens(found)).as(golden.name() + ": tokens").isEqualTo(tokens(wanted));
        expected.replaceAll((name, tensor) -> MATRICES.contains(name) ? reorder(tensor, found, wanted) : tensor);
        long rows = expected.get("model.embed_tokens.weight").shape().dim(0);
        assertThat(ModelConfig.read(output.resolve("config.json")).integer("vocab_size")).contains(rows);
    }

    private static TestTensor reorder(TestTensor tensor, Vocabulary found, Vocabulary wanted) {
        int bytes = (int) (tensor.data().length / tensor.shape().dim(0));
        byte[] data = tensor.data().clone();
        for (int row = 0; row < found.rows(); row++) {
            String token = found.token(row);
            int from = token == null ? row : wanted.id(token).orElseThrow();
            System.arraycopy(tensor.data(), from * bytes, data, row * bytes, bytes);
        }
        return new TestTensor(tensor.name(), tensor.dtype(), tensor.shape(), data);
    }

    private static Set<String> tokens(Vocabulary vocabulary) {
        return IntStream.range(0, vocabulary.rows())
                .mapToObj(vocabulary::token)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }
}
