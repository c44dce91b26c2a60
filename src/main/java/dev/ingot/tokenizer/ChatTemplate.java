// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import dev.ingot.checkpoint.JsonInput;
import dev.ingot.checkpoint.Printable;
import dev.ingot.config.NearestName;
import dev.ingot.config.Position;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** The template that makes a text of a conversation, as {@code chat_template} asks for it (mergekit.md 1.9). */
public final class ChatTemplate {
    /** The templates that come with Ingot, as files beside this class. */
    private static final List<String> BUILT_IN = List.of("alpaca", "chatml", "exaone", "llama3", "mistral");

    private static final String AUTO = "auto";
    private static final int SHORTEST = 20;
    private static final String KEY = "chat_template";

    private ChatTemplate() {}

    /** The names of the templates that come with Ingot. */
    public static List<String> names() {
        return BUILT_IN;
    }

    /**
     * The template meant by a setting: {@code auto} is the one that most tokenizers have (of equally many the first;
     * blanks around it do not count), a known name the template of that name, and everything else is the template.
     *
     * @param position   where the setting was written
     * @param tokenizers those of the models that are merged, in their order
     * @return empty if {@code auto} finds none
     * @throws ConfigException if the text can be no template
     */
    public static Optional<String> resolve(String setting, Position position, List<Tokenizer> tokenizers) {
        if (setting.equals(AUTO)) {
            Map<String, Integer> counts = new LinkedHashMap<>();
            tokenizers.forEach(tokenizer -> tokenizer.chatTemplate()
                    .map(String::strip)
                    .filter(text -> !text.isEmpty())
                    .ifPresent(text -> counts.merge(text, 1, Integer::sum)));
            int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
            return counts.entrySet().stream()
                    .filter(entry -> entry.getValue() == most)
                    .map(Map.Entry::getKey)
                    .findFirst();
        }
        if (BUILT_IN.contains(setting)) {
            return Optional.of(builtIn(setting));
        }
        if (setting.length() < SHORTEST || setting.indexOf('{') < 0) {
            throw position.error(
                    "invalid chat template " + Printable.quote(setting),
                    NearestName.suggest(setting, BUILT_IN)
                            .map(near -> "did you mean '" + near + "'?")
                            .orElse("give auto, one of " + String.join(", ", BUILT_IN)
                                    + ", or the text of a Jinja template"));
        }
        return Optional.of(setting);
    }

    private static String builtIn(String name) {
        try (InputStream in = ChatTemplate.class.getResourceAsStream(name + ".jinja")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * A JSON object with the template under {@code chat_template}; all else stays as it is.
     *
     * @param file where the text came from, for messages
     * @throws CheckpointException if the text is no JSON object
     */
    static byte[] put(Path file, byte[] json, String template) {
        TextEdits edits = new TextEdits(JsonInput.decode(file, json));
        return JsonEditor.edit(file, edits, editor -> {
            JsonParser parser = editor.parser();
            JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
            ElementEdits members = editor.elements(1);
            boolean found = false;
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                int start = editor.start();
                String field = parser.currentName();
                parser.nextToken();
                int value = editor.start();
                parser.skipChildren();
                int end = editor.end();
                members.element(start, end, true);
                if (field.equals(KEY)) {
                    found = true;
                    edits.delete(value, end);
                    edits.insert(end, JsonEditor.quote(template));
                }
            }
            members.end(found ? List.of() : List.of(members.member(KEY, JsonEditor.quote(template))));
        });
    }
}
