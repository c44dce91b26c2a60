// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void countsElementsAndBytes() {
        assertThat(Shape.of().elements()).isOne();
        assertThat(Shape.of(2, 3).elements()).isEqualTo(6);
        assertThat(Shape.of(2, 3).bytes(Dtype.BF16)).isEqualTo(12);
        assertThat(Shape.of(3, 4).bytes(Dtype.F6_E2M3)).isEqualTo(9);
        assertThat(Shape.of(0, 1L << 40, 1L << 40).elements()).isZero();
        assertThat(Shape.of(2, 3)).isEqualTo(Shape.of(2, 3)).isNotEqualTo(Shape.of(3, 2)).hasToString("[2, 3]");
        assertThat(Shape.of(2, 3).dims()).containsExactly(2L, 3L);
    }

    @Test
    void overflowIsNeverSilent() {
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> Shape.of(1L << 62, 2).elements());
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> Shape.of(1L << 32, 1L << 32).elements());
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(
                () -> Shape.of(1L << 32, 1L << 32, 0).elements());
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> Shape.of(1L << 61).bytes(Dtype.F32));
        assertThatExceptionOfType(ArithmeticException.class).isThrownBy(() -> Shape.of(3).bytes(Dtype.F4));
        assertThatIllegalArgumentException().isThrownBy(() -> Shape.of(1, -1));
    }

    @Test
    void namesSortByTheirUtf8Bytes() {
        List<String> names = List.of("", "A", "a", "a.10", "a.2", "\u00e9", "\uD7FF", "\uE000", "\uFFFF",
                "\uD800\uDC00", "\uDBFF\uDFFF");
        List<String> byBytes = Stream.of(names.toArray(String[]::new)).sorted((a, b) -> Arrays.compareUnsigned(
                a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8))).toList();
        assertThat(names.reversed().stream().sorted(NameOrder.UTF8)).containsExactlyElementsOf(byBytes);
    }

    @Test
    void anythingCanBePrintedOnOneLine() {
        assertThat(Printable.quote("a\nb\u0000\u202e\uD800")).isEqualTo("'a\\u000ab\\u0000\\u202e\\ud800'");
        assertThat(Printable.quote("caf\u00e9 \uD83D\uDE00")).isEqualTo("'caf\u00e9 \uD83D\uDE00'");
        assertThat(Printable.quote("x".repeat(5000))).hasSizeLessThan(250).contains("4800 more");
        assertThat(Printable.path(Path.of("a\nb"))).isEqualTo("a\\u000ab");
    }
}
