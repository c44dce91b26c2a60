// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.config.ScalarReading.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Takes numbers, texts, and so on from nodes, and collects the warnings that come with them. */
final class NodeReader {
    private static final int MOST_WARNINGS = 100;
    private static final Set<String> TRUE_TEXT = Set.of("1", "on", "t", "true", "y", "yes");
    private static final Set<String> FALSE_TEXT = Set.of("0", "off", "f", "false", "n", "no");

    private final List<ConfigWarning> warnings = new ArrayList<>();

    List<ConfigWarning> warnings() {
        return warnings;
    }

    void warn(String message, Position position) {
        if (warnings.size() < MOST_WARNINGS) {
            warnings.add(new ConfigWarning(message, position));
        } else if (warnings.size() == MOST_WARNINGS) {
            warnings.add(new ConfigWarning("more warnings are left out", position));
        }
    }

    /** A finite number; booleans are 1 and 0. */
    double number(YamlNode node, String what) {
        if (!(node instanceof YamlNode.Scalar scalar)) {
            throw expected(node, "a number", what, "write a number");
        }
        OptionalDouble number = switch (scalar.reading().kind()) {
            case NUMBER, BOOLEAN -> OptionalDouble.of(scalar.reading().number());
            case TEXT -> ScalarReading.numberInText(scalar.text());
            case NULL, DATE -> OptionalDouble.empty();
        };
        if (number.isEmpty()) {
            throw expected(node, "a number", what, numberHint(scalar));
        }
        if (!Double.isFinite(number.getAsDouble())) {
            throw expected(node, "a finite number", what, "write a finite number");
        }
        if (scalar.plain()) {
            warnIfReadingsDiffer(scalar, number.getAsDouble());
        }
        return number.getAsDouble();
    }

    private static String numberHint(YamlNode.Scalar scalar) {
        ScalarReading newer = ScalarReading.yaml12(scalar.text());
        return scalar.plain() && newer.kind() == Kind.NUMBER && Double.isFinite(newer.number())
                ? "write it as a decimal number: " + plain(newer.number())
                : "write a number, true, or false";
    }

    private void warnIfReadingsDiffer(YamlNode.Scalar scalar, double number) {
        ScalarReading older = scalar.reading();
        ScalarReading newer = ScalarReading.yaml12(scalar.text());
        boolean differ = older.kind() != Kind.TEXT && (newer.kind() != older.kind() || newer.number() != number);
        if (differ) {
            String other = newer.kind() == Kind.TEXT ? "text" : plain(newer.number());
            String written = older.kind() == Kind.BOOLEAN ? (number == 1 ? "true" : "false") : plain(number);
            warn(Quote.of(scalar.text()) + " is read as " + written + ", as mergekit (YAML 1.1) does, but is " + other
                            + " in YAML 1.2; write " + written,
                    scalar.position());
        }
    }

    /** An integer from 0 to the largest int; booleans are refused. */
    int integer(YamlNode node, String what) {
        if (node instanceof YamlNode.Scalar scalar && scalar.reading().kind() == Kind.BOOLEAN) {
            throw expected(node, "an integer", what, "write an integer");
        }
        double number = number(node, what);
        if (number != Math.rint(number)) {
            throw expected(node, "an integer", what, "write an integer");
        }
        if (Math.abs(number) > Integer.MAX_VALUE) {
            throw expected(node, "an integer below 2^31", what, "write a smaller integer");
        }
        return (int) number;
    }

    /** A boolean, or one of the numbers and words that mergekit's model classes take for one. */
    boolean flag(YamlNode node, String what) {
        if (node instanceof YamlNode.Scalar scalar) {
            double number = scalar.reading().number();
            switch (scalar.reading().kind()) {
                case BOOLEAN -> {
                    warnIfReadingsDiffer(scalar, number);
                    return number == 1;
                }
                case NUMBER -> {
                    if (number == 0 || number == 1) {
                        return number == 1;
                    }
                }
                case TEXT -> {
                    String word = scalar.text().toLowerCase(Locale.ROOT);
                    if (TRUE_TEXT.contains(word) || FALSE_TEXT.contains(word)) {
                        return TRUE_TEXT.contains(word);
                    }
                }
                case NULL, DATE -> { }
            }
        }
        throw expected(node, "true or false", what, "write true or false");
    }

    /** Text; what PyYAML takes for a number, boolean or date is taken as it was written, with a warning. */
    String text(YamlNode node, String what) {
        if (!(node instanceof YamlNode.Scalar scalar) || scalar.isNull()) {
            throw expected(node, "text", what, "write a text");
        }
        warnIfNotText(scalar);
        return scalar.text();
    }

    /** Like {@link #text}, but blank text is refused. */
    String name(YamlNode node, String what) {
        String text = text(node, what);
        if (text.isBlank()) {
            throw expected(node, "text", what, "write a text that is not blank");
        }
        return text;
    }

    private void warnIfNotText(YamlNode.Scalar scalar) {
        Kind kind = scalar.reading().kind();
        if (kind != Kind.TEXT) {
            warn(Quote.of(scalar.text()) + " is taken as text, but mergekit reads " + kind.words()
                            + " there and refuses it; put it in quotes",
                    scalar.position());
        }
    }

    /** The items of a list. */
    List<YamlNode> list(YamlNode node, String what) {
        if (node instanceof YamlNode.Sequence sequence) {
            return sequence.items();
        }
        throw expected(node, "a list", what, "write one item per line, each after '- '");
    }

    /** The entries of a mapping whose keys are free, with a warning for keys that mergekit does not take for text. */
    List<YamlNode.Entry> entries(YamlNode node, String what) {
        if (node instanceof YamlNode.Mapping mapping) {
            List<YamlNode.Entry> entries = List.copyOf(mapping.entries().values());
            entries.forEach(entry -> warnIfNotText(entry.key()));
            return entries;
        }
        throw expected(node, "a mapping", what, "write 'name: value' lines");
    }

    /** The fields of a mapping whose keys are known. */
    Fields fields(YamlNode node, String what, String... known) {
        if (node instanceof YamlNode.Mapping mapping) {
            return new Fields(mapping, what, List.of(known));
        }
        String names = String.join(", ", known);
        throw expected(node, "a mapping", what, "write 'name: value' lines; known names are " + names);
    }

    private static RuntimeException expected(YamlNode node, String expected, String what, String hint) {
        return node.position().error(what + " must be " + expected + ", found " + node.words(), hint);
    }

    private static String plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number) : Double.toString(number);
    }

    /** Fields of a mapping; every key is known, and a field without a value is absent. */
    static final class Fields {
        private final YamlNode.Mapping mapping;
        private final String what;

        private Fields(YamlNode.Mapping mapping, String what, List<String> known) {
            this.mapping = mapping;
            this.what = what;
            for (YamlNode.Entry entry : mapping.entries().values()) {
                String key = entry.key().text();
                if (!known.contains(key)) {
                    String suggestion = NearestName.suggest(key, known)
                            .map(near -> "did you mean " + Quote.of(near) + "? ")
                            .orElse("");
                    throw entry.key().position().error(
                            "unknown key " + Quote.of(key) + " in " + what,
                            suggestion + "Known here are " + String.join(", ", known));
                }
            }
        }

        Position position() {
            return mapping.position();
        }

        /** Where the key was written; where the mapping begins if it was not. */
        Position positionOf(String key) {
            YamlNode.Entry entry = mapping.entries().get(key);
            return entry == null ? mapping.position() : entry.key().position();
        }

        Optional<YamlNode> get(String key) {
            return Optional.ofNullable(mapping.entries().get(key))
                    .map(YamlNode.Entry::value)
                    .filter(value -> !value.isAbsent());
        }

        YamlNode require(String key, String hint) {
            return get(key).orElseThrow(() -> positionOf(key).error(Quote.of(key) + " is missing in " + what, hint));
        }
    }
}
