// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.List;
import java.util.Map;

/** A YAML document as a tree with positions; aliases are replaced by what they stand for. */
sealed interface YamlNode {
    /** Where it begins. */
    Position position();

    /** For messages. */
    String words();

    /**
     * A scalar.
     *
     * @param text     its text, without quotes
     * @param reading  what it means
     * @param plain    whether the reading was taken from the text alone: not quoted, not tagged
     * @param position where it begins
     */
    record Scalar(String text, ScalarReading reading, boolean plain, Position position) implements YamlNode {
        boolean isNull() {
            return reading.kind() == ScalarReading.Kind.NULL;
        }

        /** Whether it is text that begins with a letter, and means nothing else in any version of YAML, quoted or not. */
        boolean isName() {
            return reading.kind() == ScalarReading.Kind.TEXT
                    && !text.isEmpty()
                    && Character.isLetter(text.codePointAt(0))
                    && ScalarReading.yaml11(text).kind() == ScalarReading.Kind.TEXT
                    && ScalarReading.yaml12(text).kind() == ScalarReading.Kind.TEXT;
        }

        @Override
        public String words() {
            return isNull() ? "nothing" : Quote.of(text);
        }
    }

    /**
     * A list.
     *
     * @param items    its items
     * @param position where it begins
     */
    record Sequence(List<YamlNode> items, Position position) implements YamlNode {
        @Override
        public String words() {
            return "a list";
        }
    }

    /**
     * A mapping, with merge keys ({@code <<}) already merged in.
     *
     * @param entries  its entries by key text, in order
     * @param position where it begins
     */
    record Mapping(Map<String, Entry> entries, Position position) implements YamlNode {
        @Override
        public String words() {
            return "a mapping";
        }
    }

    /**
     * An entry of a mapping.
     *
     * @param key   the key
     * @param value the value
     */
    record Entry(Scalar key, YamlNode value) {}

    /** Whether it stands for "not set". */
    default boolean isAbsent() {
        return this instanceof Scalar scalar && scalar.isNull();
    }
}
