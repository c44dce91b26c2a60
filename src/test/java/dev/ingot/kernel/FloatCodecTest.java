// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Conversions against what PyTorch gives (files in /convert) and against the Java machine's own. NaN results may have any
 * payload there; ours must be canonical where they are stored.
 */
class FloatCodecTest {
    /** A storage type of at most 16 bits, with its codes as unsigned numbers. */
    enum Small {
        BF16("bf16", 16, 0x7fc0) {
            @Override
            float widen(int code) {
                return FloatCodec.fromBf16((short) code);
            }

            @Override
            int narrow(float value) {
                return FloatCodec.toBf16(value) & 0xffff;
            }
        },
        F16("f16", 16, 0x7e00) {
            @Override
            float widen(int code) {
                return FloatCodec.fromF16((short) code);
            }

            @Override
            int narrow(float value) {
                return FloatCodec.toF16(value) & 0xffff;
            }
        },
        E4M3("f8_e4m3fn", 8, 0x7f) {
            @Override
            float widen(int code) {
                return FloatCodec.fromE4m3((byte) code);
            }

            @Override
            int narrow(float value) {
                return FloatCodec.toE4m3(value) & 0xff;
            }
        },
        E5M2("f8_e5m2", 8, 0x7e) {
            @Override
            float widen(int code) {
                return FloatCodec.fromE5m2((byte) code);
            }

            @Override
            int narrow(float value) {
                return FloatCodec.toE5m2(value) & 0xff;
            }
        };

        final String file;
        final int bits;
        final int nan;

        Small(String file, int bits, int nan) {
            this.file = file;
            this.bits = bits;
            this.nan = nan;
        }

        abstract float widen(int code);

        abstract int narrow(float value);

        int codes() {
            return 1 << bits;
        }

        int codeAt(ByteBuffer buffer, int index) {
            return bits == 16 ? buffer.getShort(index * 2) & 0xffff : buffer.get(index) & 0xff;
        }
    }

    @ParameterizedTest
    @EnumSource
    void widensEveryPatternAsPyTorchDoes(Small type) {
        ByteBuffer expected = type.bits == 16
                ? GoldenTensors.read("widen_" + type.file + ".safetensors").get("f32")
                : GoldenTensors.read("widen_f8.safetensors").get(type.file + ".f32_bits");
        assertThat(expected.remaining()).isEqualTo(type.codes() * 4);
        for (int code = 0; code < type.codes(); code++) {
            assertSameFloat(type + " " + hex(code), type.widen(code), expected.getInt(code * 4));
        }
    }

    @ParameterizedTest
    @EnumSource
    void narrowsAsPyTorchDoes(Small type) {
        Map<String, ByteBuffer> vectors = GoldenTensors.read("narrow_" + type.file + ".safetensors");
        ByteBuffer inputs = vectors.get("f32_bits");
        ByteBuffer expected = vectors.get("code");
        int count = inputs.remaining() / 4;
        assertThat(count).isGreaterThan(1000);
        for (int i = 0; i < count; i++) {
            int input = inputs.getInt(i * 4);
            int code = type.narrow(Float.intBitsToFloat(input));
            int wanted = Float.isNaN(Float.intBitsToFloat(input)) ? type.nan : type.codeAt(expected, i);
            assertThat(code).as("%s of %s", type, hex(input)).isEqualTo(wanted);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyPatternSurvivesARoundTripAndNanBecomesCanonical(Small type) {
        for (int code = 0; code < type.codes(); code++) {
            float value = type.widen(code);
            assertThat(type.narrow(value)).as("%s %s", type, hex(code)).isEqualTo(Float.isNaN(value) ? type.nan : code);
        }
    }

    @Test
    void anyNanBecomesCanonical() {
        for (int bits : new int[] {0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fc00123}) {
            float nan = Float.intBitsToFloat(bits);
            for (Small type : Small.values()) {
                assertThat(type.narrow(nan)).isEqualTo(type.nan);
            }
            assertThat(FloatCodec.toF32(nan)).isEqualTo(0x7fc00000);
            assertThat(FloatCodec.toF64(nan)).isEqualTo(0x7ff8000000000000L);
        }
    }

    @Test
    void overflowGoesToInfinityExceptInE4m3() {
        float infinity = Float.POSITIVE_INFINITY;
        assertThat(Small.F16.narrow(65519.996f)).isEqualTo(0x7bff);
        assertThat(Small.F16.narrow(65520f)).isEqualTo(0x7c00);
        assertThat(Small.F16.narrow(-Float.MAX_VALUE)).isEqualTo(0xfc00);
        assertThat(Small.BF16.narrow(Float.MAX_VALUE)).isEqualTo(0x7f80);
        assertThat(Small.E5M2.narrow(61439.996f)).isEqualTo(0x7b);
        assertThat(Small.E5M2.narrow(61440f)).isEqualTo(0x7c);
        assertThat(Small.E4M3.narrow(464f)).isEqualTo(0x7e);
        assertThat(Small.E4M3.narrow(480f)).isEqualTo(0x7e);
        assertThat(Small.E4M3.narrow(infinity)).isEqualTo(0x7e);
        assertThat(Small.E4M3.narrow(-infinity)).isEqualTo(0xfe);
    }

    @Test
    void f16AgreesWithTheJavaMachineOnRandomPatterns() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2_000_000; i++) {
            int bits = random.nextInt();
            float value = Float.intBitsToFloat(i % 2 == 0 ? bits : 0x38000000 + (bits & 0x8fffffff));
            if (!Float.isNaN(value)) {
                assertThat(FloatCodec.toF16(value) == Float.floatToFloat16(value)).as(hex(bits)).isTrue();
            }
        }
    }

    /** Independent of how rounding is done: no other code may be nearer, and of two equally near ones the even one is taken. */
    @ParameterizedTest
    @EnumSource
    void theNearestCodeIsChosen(Small type) {
        int[] finite = IntStream.range(0, type.codes() / 2).filter(code -> Float.isFinite(type.widen(code))).toArray();
        IntUnaryOperator pick = new SplittableRandom(type.ordinal())::nextInt;
        for (int i = 0; i < 100_000; i++) {
            int low = pick.applyAsInt(finite.length - 1);
            double below = type.widen(finite[low]);
            double above = type.widen(finite[low + 1]);
            float value = (float) (below + (above - below) * pick.applyAsInt(257) / 256.0);
            int code = type.narrow(value);
            double toBelow = value - below;
            double toAbove = above - value;
            int nearest = toBelow < toAbove || toBelow == toAbove && finite[low] % 2 == 0 ? finite[low] : finite[low + 1];
            assertThat(code).as("%s of %s", type, value).isEqualTo(nearest);
            assertThat(type.narrow(-value)).isEqualTo(nearest | type.codes() / 2);
        }
    }

    private static void assertSameFloat(String what, float actual, int expectedBits) {
        float expected = Float.intBitsToFloat(expectedBits);
        boolean same = Float.isNaN(expected) ? Float.isNaN(actual) : Float.floatToRawIntBits(actual) == expectedBits;
        assertThat(same).as("%s: %s, expected %s", what, actual, expected).isTrue();
    }

    private static String hex(int bits) {
        return "0x" + Integer.toHexString(bits);
    }
}
