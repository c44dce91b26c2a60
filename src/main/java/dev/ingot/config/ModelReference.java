// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.error.ConfigException;
import java.util.Objects;
import java.util.Optional;

/**
 * A model: a local directory or a repository of the Hub, optionally at a revision and with a LoRA adapter. Two
 * references mean the same model if and only if they are equal; paths are compared as text.
 *
 * @param path                 directory or {@code organisation/name}, not blank
 * @param revision             branch, tag or commit of the repository
 * @param lora                 adapter to be applied to the model
 * @param overrideArchitecture architecture name that replaces the one in the model's config.json
 */
public record ModelReference(
        String path, Optional<String> revision, Optional<Lora> lora, Optional<String> overrideArchitecture) {
    /** Refuses a blank path or revision. */
    public ModelReference {
        requireText(path, "model path");
        revision.ifPresent(text -> requireText(text, "model revision"));
        overrideArchitecture.ifPresent(text -> requireText(text, "architecture name"));
        Objects.requireNonNull(lora);
    }

    /**
     * A LoRA adapter.
     *
     * @param path     directory or {@code organisation/name}, not blank
     * @param revision branch, tag or commit of the repository
     */
    public record Lora(String path, Optional<String> revision) {
        /** Refuses a blank path or revision. */
        public Lora {
            requireText(path, "adapter path");
            revision.ifPresent(text -> requireText(text, "adapter revision"));
        }

        /** {@code PATH[@REVISION]}. */
        @Override
        public String toString() {
            return path + revision.map(text -> "@" + text).orElse("");
        }
    }

    /** The model at a path, without revision and adapter. The text is not split. */
    public static ModelReference of(String path) {
        return new ModelReference(path, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /**
     * Reads {@code PATH[@REVISION][+LORA[@REVISION]]}. A path that itself contains {@code +} or {@code @} cannot be
     * written so; YAML has a mapping form for it, Java has the constructor.
     *
     * @throws ConfigException if the text has too many parts or an empty one
     */
    public static ModelReference parse(String text) {
        return parse(text, Position.NONE);
    }

    static ModelReference parse(String text, Position position) {
        String[] parts = text.split("\\+", -1);
        if (parts.length > 2) {
            throw position.error(
                    "model reference " + Quote.of(text) + " has more than one '+'",
                    "write PATH[@REVISION][+LORA[@REVISION]], or the mapping form {model: {path: ...}}");
        }
        Lora model = parsePart(parts[0], text, position);
        Optional<Lora> lora =
                parts.length == 2 ? Optional.of(parsePart(parts[1], text, position)) : Optional.empty();
        return new ModelReference(model.path(), model.revision(), lora, Optional.empty());
    }

    /** Reads {@code PATH[@REVISION]}; {@code whole} is what messages quote. */
    static Lora parsePart(String part, String whole, Position position) {
        String[] pieces = part.split("@", -1);
        if (pieces.length > 2) {
            throw position.error(
                    "model reference " + Quote.of(whole) + " has more than one '@' in a part",
                    "write PATH[@REVISION][+LORA[@REVISION]], or the mapping form {model: {path: ...}}");
        }
        for (String piece : pieces) {
            if (piece.isBlank()) {
                throw position.error(
                        "model reference " + Quote.of(whole) + " has an empty part",
                        "write PATH[@REVISION][+LORA[@REVISION]]");
            }
        }
        return new Lora(pieces[0], pieces.length == 2 ? Optional.of(pieces[1]) : Optional.empty());
    }

    /** {@code PATH[@REVISION][+LORA[@REVISION]]}, for people to read. */
    @Override
    public String toString() {
        return path + revision.map(text -> "@" + text).orElse("") + lora.map(part -> "+" + part).orElse("");
    }

    private static void requireText(String text, String what) {
        if (text.isBlank()) {
            throw Position.NONE.error("the " + what + " is empty", "give the " + what);
        }
    }
}
