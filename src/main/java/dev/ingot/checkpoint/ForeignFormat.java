// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Recognises files that people take for safetensors files by their first bytes, to give a hint that helps. */
final class ForeignFormat {
    private record Known(String start, String hint) {}

    private static final List<Known> KNOWN = List.of(
            new Known("version ", "This looks like a Git LFS pointer, not the weights: run 'git lfs pull'."),
            new Known("PK\3\4", "This looks like a PyTorch file: convert it to safetensors first."),
            new Known("\u0080\2", "This looks like a Python pickle: convert it to safetensors first."),
            new Known("GGUF", "This looks like a GGUF file: use the model's safetensors files."),
            new Known("\u0089HDF", "This looks like an HDF5 file: use the model's safetensors files."),
            new Known("<", "This looks like a web page: download the file itself, not its page."),
            new Known("{", "This looks like JSON text, not like a safetensors file."));

    private ForeignFormat() {}

    /** What to do about a file that starts with these bytes and is no safetensors file. */
    static String hint(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        return KNOWN.stream()
                .filter(known -> text.startsWith(known.start()))
                .map(Known::hint)
                .findFirst()
                .orElse("This is no safetensors file, or it is corrupt: download or save it again.");
    }
}
