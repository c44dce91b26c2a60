// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Element types of the safetensors format, in the order of its reference implementation (which is the order in
 * which tensors of a file are laid out, last constant first).
 */
public enum Dtype {
    BOOL(8, false),
    F4(4, false),
    F6_E2M3(6, false),
    F6_E3M2(6, false),
    U8(8, false),
    I8(8, false),
    F8_E5M2(8, true),
    F8_E4M3(8, true),
    F8_E8M0(8, false),
    F8_E4M3FNUZ(8, false),
    F8_E5M2FNUZ(8, false),
    I16(16, false),
    U16(16, false),
    F16(16, true),
    BF16(16, true),
    I32(32, false),
    U32(32, false),
    F32(32, true),
    C64(64, false),
    F64(64, true),
    I64(64, false),
    U64(64, false);

    private static final Map<String, Dtype> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Dtype::name, Function.identity()));

    private final int bits;
    private final boolean mergeable;

    Dtype(int bits, boolean mergeable) {
        this.bits = bits;
        this.mergeable = mergeable;
    }

    /** The type with this exact name in a safetensors header, if there is one. */
    public static Optional<Dtype> byName(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** Size of one element in bits; below 8 for packed types. */
    public int bits() {
        return bits;
    }

    /** Size of one element in bytes. Packed types have none. */
    public int bytes() {
        if (bits % 8 != 0) {
            throw new IllegalStateException(this + " is packed: an element has no whole number of bytes");
        }
        return bits / 8;
    }

    /** Whether kernels compute with it. All other types are copied, never merged. */
    public boolean mergeable() {
        return mergeable;
    }
}
