// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.util.Optional;

/**
 * The name of a tensor that belongs to a layer: {@code prefix.layer.suffix}, where the layer is the first component that is
 * a number. {@code model.layers.3.mlp.up_proj.weight} is layer 3 of {@code model.layers}.
 *
 * @param prefix what stands before the number; names one stack of layers
 * @param layer  0-based index
 * @param suffix what stands behind it
 */
public record LayerName(String prefix, int layer, String suffix) {
    private static final int MOST_DIGITS = 8;

    /** The parts of a name, or empty if the tensor is outside of layers. */
    public static Optional<LayerName> parse(String tensorName) {
        int dot = tensorName.indexOf('.');
        while (dot >= 0) {
            int next = tensorName.indexOf('.', dot + 1);
            if (next < 0 || next + 1 == tensorName.length()) {
                return Optional.empty();
            }
            if (dot > 0 && tensorName.charAt(dot - 1) != '.' && isNumber(tensorName, dot + 1, next)) {
                int layer = Integer.parseInt(tensorName, dot + 1, next, 10);
                return Optional.of(new LayerName(tensorName.substring(0, dot), layer, tensorName.substring(next + 1)));
            }
            dot = next;
        }
        return Optional.empty();
    }

    /** Digits of ASCII without leading zeros, few enough for an int. */
    private static boolean isNumber(String text, int start, int end) {
        if (start == end || end - start > MOST_DIGITS || text.charAt(start) == '0' && end - start > 1) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /** The same tensor of another layer. */
    public LayerName at(int otherLayer) {
        return new LayerName(prefix, otherLayer, suffix);
    }

    /** The full name. */
    @Override
    public String toString() {
        return prefix + "." + layer + "." + suffix;
    }
}
