// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a tensor that belongs to a layer: {@code prefix.layer.suffix}, where the layer is the first component that is
 * a number. {@code model.layers.3.mlp.up_proj.weight} is layer 3 of {@code model.layers}.
 *
 * @param prefix what stands before the number; names one stack of layers
 * @param layer  0-based index
 * @param suffix what stands behind it
 */
public record LayerName(String prefix, int layer, String suffix) {
    private static final Pattern PATTERN = Pattern.compile("((?:[^.]*\\.)*?[^.]+)\\.(0|[1-9]\\d{0,7})\\.(.+)");

    /** The parts of a name, or empty if the tensor is outside of layers. */
    public static Optional<LayerName> parse(String tensorName) {
        Matcher matcher = PATTERN.matcher(tensorName);
        return matcher.matches()
                ? Optional.of(new LayerName(matcher.group(1), Integer.parseInt(matcher.group(2)), matcher.group(3)))
                : Optional.empty();
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
