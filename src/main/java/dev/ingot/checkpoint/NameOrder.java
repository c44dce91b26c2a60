// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.util.Comparator;

/** The order of tensor names: ascending UTF-8 bytes, as the safetensors writer and mergekit sort. */
public final class NameOrder {
    /**
     * Compares by UTF-8 bytes, which equals comparing by code points. {@link String#compareTo} differs: it compares
     * UTF-16 units and so puts U+10000 before U+E000.
     */
    public static final Comparator<String> UTF8 = NameOrder::compare;

    private NameOrder() {}

    private static int compare(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                boolean mixed = Character.isSurrogate(a) != Character.isSurrogate(b);
                return mixed ? (Character.isSurrogate(a) ? 1 : -1) : Character.compare(a, b);
            }
        }
        return Integer.compare(left.length(), right.length());
    }
}
