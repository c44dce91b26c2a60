// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.math.BigInteger;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * What a plain (unquoted, untagged) scalar means.
 *
 * <p>Two readings of the same text are known: that of PyYAML's {@code safe_load}, an early form of YAML 1.1, which
 * decides because the dialect was written for it; and that of the YAML 1.2 core schema, for warnings. The patterns
 * follow the YAML 1.1 type repository with PyYAML's restrictions (a fraction needs a digit before or after the point
 * and its exponent needs a sign) and chapter 10.3.2 of YAML 1.2.2.
 *
 * @param kind   what it is
 * @param number its value if it is a number, 1 or 0 if it is a boolean, else 0
 */
record ScalarReading(Kind kind, double number) {
    /** Kinds of scalars. */
    enum Kind {
        TEXT("text"),
        NUMBER("a number"),
        BOOLEAN("a boolean"),
        NULL("nothing"),
        DATE("a date");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** For messages. */
        String words() {
            return words;
        }
    }

    static final ScalarReading TEXT = new ScalarReading(Kind.TEXT, 0);
    private static final ScalarReading NULL = new ScalarReading(Kind.NULL, 0);
    private static final ScalarReading DATE = new ScalarReading(Kind.DATE, 0);
    private static final ScalarReading TRUE = new ScalarReading(Kind.BOOLEAN, 1);
    private static final ScalarReading FALSE = new ScalarReading(Kind.BOOLEAN, 0);

    /** Longer text is no number: keeps conversion time (quadratic for integers) and pattern depth bounded. */
    private static final int LONGEST = 400;

    private static final Pattern NULLS = Pattern.compile("|~|null|Null|NULL");
    private static final Pattern INFINITY = Pattern.compile("[-+]?\\.(inf|Inf|INF)");
    private static final Pattern NAN = Pattern.compile("\\.(nan|NaN|NAN)");

    private static final Pattern TRUE_11 = Pattern.compile("yes|Yes|YES|true|True|TRUE|on|On|ON");
    private static final Pattern FALSE_11 = Pattern.compile("no|No|NO|false|False|FALSE|off|Off|OFF");
    private static final Pattern FRACTION_11 = Pattern.compile(
            "[-+]?[0-9][0-9_]*\\.[0-9_]*([eE][-+][0-9]+)?|\\.[0-9][0-9_]*([eE][-+][0-9]+)?");
    private static final Pattern BINARY_11 = Pattern.compile("[-+]?0b[01_]+");
    private static final Pattern OCTAL_11 = Pattern.compile("[-+]?0[0-7_]+");
    private static final Pattern HEX_11 = Pattern.compile("[-+]?0x[0-9a-fA-F_]+");
    private static final Pattern DECIMAL_11 = Pattern.compile("[-+]?(0|[1-9][0-9_]*)");
    private static final Pattern BASE60_11 = Pattern.compile("[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+");
    private static final Pattern BASE60_FRACTION_11 = Pattern.compile("[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\\.[0-9_]*");
    private static final Pattern DATE_11 = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}"
            + "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \\t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\\.[0-9]*)?"
            + "([ \\t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?");

    private static final Pattern TRUE_12 = Pattern.compile("true|True|TRUE");
    private static final Pattern FALSE_12 = Pattern.compile("false|False|FALSE");
    private static final Pattern INTEGER_12 = Pattern.compile("[-+]?[0-9]+");
    private static final Pattern OCTAL_12 = Pattern.compile("0o[0-7]+");
    private static final Pattern HEX_12 = Pattern.compile("0x[0-9a-fA-F]+");
    private static final Pattern FRACTION_12 =
            Pattern.compile("[-+]?(\\.[0-9]+|[0-9]+(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

    private static final Pattern NUMERIC_TEXT = Pattern.compile(
            "[-+]?([0-9](_?[0-9])*(\\.([0-9](_?[0-9])*)?)?|\\.[0-9](_?[0-9])*)([eE][-+]?[0-9]+)?");

    /** The reading of PyYAML's {@code safe_load}. */
    static ScalarReading yaml11(String text) {
        if (text.length() > LONGEST) {
            return TEXT;
        }
        if (matches(NULLS, text)) {
            return NULL;
        }
        if (matches(TRUE_11, text)) {
            return TRUE;
        }
        if (matches(FALSE_11, text)) {
            return FALSE;
        }
        if (matches(DATE_11, text)) {
            return DATE;
        }
        return number11(text);
    }

    private static ScalarReading number11(String text) {
        String digits = text.replace("_", "");
        if (matches(FRACTION_11, text)) {
            return number(Double.parseDouble(digits));
        }
        if (matches(BINARY_11, text)) {
            return integer(digits, 2, 2);
        }
        if (matches(DECIMAL_11, text)) {
            return integer(digits, 0, 10);
        }
        if (matches(OCTAL_11, text)) {
            return integer(digits, 1, 8);
        }
        if (matches(HEX_11, text)) {
            return integer(digits, 2, 16);
        }
        if (matches(BASE60_11, text) || matches(BASE60_FRACTION_11, text)) {
            return base60(digits);
        }
        return special(text);
    }

    /** The reading of YAML 1.2's core schema. */
    static ScalarReading yaml12(String text) {
        if (text.length() > LONGEST) {
            return TEXT;
        }
        if (matches(NULLS, text)) {
            return NULL;
        }
        if (matches(TRUE_12, text)) {
            return TRUE;
        }
        if (matches(FALSE_12, text)) {
            return FALSE;
        }
        if (matches(OCTAL_12, text)) {
            return integer(text, 2, 8);
        }
        if (matches(HEX_12, text)) {
            return integer(text, 2, 16);
        }
        if (matches(INTEGER_12, text) || matches(FRACTION_12, text)) {
            return number(Double.parseDouble(text));
        }
        return special(text);
    }

    /**
     * The number that text stands for where a number is needed: mergekit's model classes (pydantic) convert decimal
     * numbers in strings, with blanks around and single underscores between digits.
     */
    static OptionalDouble numberInText(String text) {
        String trimmed = text.strip();
        if (trimmed.length() > LONGEST || !matches(NUMERIC_TEXT, trimmed)) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(Double.parseDouble(trimmed.replace("_", "")));
    }

    private static ScalarReading special(String text) {
        if (matches(INFINITY, text)) {
            return number(text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
        }
        return matches(NAN, text) ? number(Double.NaN) : TEXT;
    }

    /** An optional sign, a prefix to be skipped, and digits; text if there are none (PyYAML fails there). */
    private static ScalarReading integer(String digits, int prefix, int radix) {
        boolean negative = digits.startsWith("-");
        int sign = negative || digits.startsWith("+") ? 1 : 0;
        int start = sign + prefix;
        if (start >= digits.length()) {
            return prefix == 1 ? number(0) : TEXT;
        }
        BigInteger magnitude = new BigInteger(digits.substring(start), radix);
        return number((negative ? magnitude.negate() : magnitude).doubleValue());
    }

    private static ScalarReading base60(String digits) {
        boolean negative = digits.startsWith("-");
        double value = 0;
        for (String part : (negative || digits.startsWith("+") ? digits.substring(1) : digits).split(":")) {
            value = value * 60 + Double.parseDouble(part);
        }
        return number(negative ? -value : value);
    }

    private static ScalarReading number(double value) {
        return new ScalarReading(Kind.NUMBER, value);
    }

    private static boolean matches(Pattern pattern, String text) {
        return pattern.matcher(text).matches();
    }
}
