// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.JsonText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Copies the files beside {@code tokenizer.json}, and those of older tokenizers, with another vocabulary. */
final class Companions {
    private Companions() {}

    /** Whether both parts and what they make are still tokens of the model. */
    static boolean keepsMerge(OutputVocabulary output, List<String> parts) {
        Vocabulary vocabulary = output.vocabulary();
        String joined = Merges.joined(parts.get(0), parts.get(1), output.donor().prefix());
        return vocabulary.modelId(parts.get(0)) >= 0 && vocabulary.modelId(parts.get(1)) >= 0
                && vocabulary.modelId(joined) >= 0;
    }

    /** {@code vocab.json}. */
    static byte[] vocabulary(Path file, OutputVocabulary output) {
        Map<String, Integer> tokens = new LinkedHashMap<>();
        output.newTokens().forEach(token -> tokens.put(token.text(), token.id()));
        return JsonEditor.edit(file, editor -> editor.ids(output, tokens, 1));
    }

    /** {@code added_tokens.json}, which names the tokens that the model lacks. */
    static byte[] addedTokens(Path file, OutputVocabulary output) {
        return JsonEditor.edit(file, editor -> editor.ids(output, furtherTokens(output), 1));
    }

    /** A new {@code added_tokens.json}. */
    static byte[] addedTokens(OutputVocabulary output) {
        StringBuilder text = new StringBuilder("{");
        furtherTokens(output).forEach((token, id) -> JsonText.SERDE
                .append(text.append(text.length() == 1 ? "\n  " : ",\n  "), token).append(": ").append(id));
        return utf8(text + "\n}\n");
    }

    /** Added tokens that the donor's model does not have. */
    static Map<String, Integer> furtherTokens(OutputVocabulary output) {
        Map<String, Integer> tokens = new LinkedHashMap<>();
        for (AddedToken token : output.vocabulary().addedTokens()) {
            int inModel = output.donor().vocabulary().modelId(token.content());
            if (inModel < 0 || !output.keeps(inModel)) {
                tokens.put(token.content(), token.id());
            }
        }
        return tokens;
    }

    /** {@code merges.txt}. */
    static byte[] merges(Path file, OutputVocabulary output) {
        StringBuilder text = new StringBuilder();
        for (String line : (Iterable<String>) JsonInput.text(file).lines()::iterator) {
            int blank = line.indexOf(' ');
            boolean merge = blank >= 0 && !line.startsWith("#version");
            if (!merge || keepsMerge(output, List.of(line.substring(0, blank), line.substring(blank + 1)))) {
                text.append(line).append('\n');
            }
        }
        for (int i = 0; i < output.mergeParts().size(); i += 2) {
            String merge = output.mergeParts().get(i) + " " + output.mergeParts().get(i + 1);
            if (merge.indexOf(' ') == merge.lastIndexOf(' ') && merge.lines().count() == 1) {
                text.append(merge).append('\n');
            }
        }
        return utf8(text.toString());
    }

    /** {@code vocab.txt}; empty if there is no room in it: a token's line is its id. */
    static Optional<byte[]> wordPieces(Path file, OutputVocabulary output) {
        List<String> lines = new ArrayList<>(
                JsonInput.text(file).lines().limit(output.limit()).toList());
        for (NewToken token : output.newTokens()) {
            if (token.id() != lines.size() || token.text().lines().count() != 1) {
                return Optional.empty();
            }
            lines.add(token.text());
        }
        return Optional.of(utf8(String.join("\n", lines) + "\n"));
    }

    /** {@code tokenizer_config.json} with other added tokens, where it lists them. */
    static byte[] config(Path file, OutputVocabulary output) {
        return JsonEditor.edit(file, editor -> {
            JsonParser parser = editor.parser();
            JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                if (parser.nextToken() == JsonToken.START_OBJECT && field.equals("added_tokens_decoder")) {
                    editor.decoder(output, 2);
                } else {
                    parser.skipChildren();
                }
            }
        });
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
