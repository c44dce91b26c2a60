// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Reads the text of a configuration file, never more of it than a configuration may have. */
final class SourceText {
    /** Largest accepted configuration, in bytes of the file and in characters of the text. */
    static final int LARGEST = 4 << 20;

    private SourceText() {}

    static String read(Path file) {
        Position whole = new Position(file.toString(), 0, 0);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            // not Files.size: a pipe or a device has none, and must not be read to an end that may never come
            bytes = in.readNBytes(LARGEST + 1);
        } catch (NoSuchFileException e) {
            throw whole.error("the configuration file does not exist", "check the path");
        } catch (IOException e) {
            String why = Files.isDirectory(file) ? "it is a directory" : Quote.clip(String.valueOf(e.getMessage()));
            throw whole.error("the configuration file cannot be read: " + why, "give a readable YAML file");
        }
        if (bytes.length > LARGEST) {
            throw tooLarge(whole);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw whole.error("the configuration file is not UTF-8 text", "save it as UTF-8");
        }
    }

    /** Refuses text that is too large, and characters that end a line in YAML 1.1 but not in YAML 1.2. */
    static void check(String text, Position whole) {
        if (text.length() > LARGEST) {
            throw tooLarge(whole);
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\u0085' || c == '\u2028' || c == '\u2029') {
                throw positionOf(i, text, whole).error(
                        String.format(
                                Locale.ROOT,
                                "U+%04X is a line break for mergekit (YAML 1.1) but not in YAML 1.2",
                                (int) c),
                        "remove the character, or write it as an escape in double quotes");
            }
        }
    }

    /** The position of a character, by its index in the text. */
    static Position positionOf(int index, String text, Position whole) {
        String before = text.substring(0, index);
        int line = (int) before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.codePointCount(before.lastIndexOf('\n') + 1, index) + 1;
        return new Position(whole.source(), line, column);
    }

    private static RuntimeException tooLarge(Position whole) {
        return whole.error(
                "the configuration is larger than " + (LARGEST >> 20) + " MiB",
                "check that this is a merge configuration and not a checkpoint");
    }
}
