// SPDX-License-Identifier: Apache-2.0

import java.nio.ByteBuffer;

/** An element type: its safetensors name (the constant's), its name in config files, its size, rounding to it. */
enum Type {
    BF16("bfloat16", 2), F16("float16", 2), F32("float32", 4);

    final String torch;
    final int bytes;

    Type(String torch, int bytes) {
        this.torch = torch;
        this.bytes = bytes;
    }

    /** Rounds the first n values to this type, to nearest with ties to even. The values are finite. */
    void round(float[] values, int n) {
        switch (this) {
            case BF16 -> {
                for (int i = 0; i < n; i++) {
                    int bits = Float.floatToRawIntBits(values[i]);
                    values[i] = Float.intBitsToFloat(bits + 0x7FFF + (bits >>> 16 & 1) & 0xFFFF0000);
                }
            }
            case F16 -> {
                for (int i = 0; i < n; i++) {
                    values[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
                }
            }
            case F32 -> { }
        }
    }

    /** Appends the first n values, which are values of this type; {@code halves} is scratch of that length. */
    void put(float[] values, short[] halves, int n, ByteBuffer out) {
        if (this == F32) {
            out.asFloatBuffer().put(values, 0, n);
        } else {
            for (int i = 0; i < n; i++) {
                halves[i] = this == F16 ? Float.floatToFloat16(values[i])
                        : (short) (Float.floatToRawIntBits(values[i]) >>> 16);
            }
            out.asShortBuffer().put(halves, 0, n);
        }
        out.position(out.position() + n * bytes);
    }
}
