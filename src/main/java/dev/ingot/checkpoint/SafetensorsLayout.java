// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * A safetensors file before it is written: the order of its tensors, their offsets and the header, byte for byte as the
 * reference writes them. Because wide types come first and the header is padded to 8 bytes, every element of a
 * power-of-two size is aligned in the file. Immutable.
 */
public final class SafetensorsLayout {
    /** What transformers and mergekit write into {@code __metadata__}; some readers ask for it. */
    public static final Map<String, String> DEFAULT_METADATA = Map.of("format", "pt");

    /** Widest type first (the reference's enum order reversed), then by name. */
    private static final Comparator<TensorSpec> ORDER = Comparator
            .comparing(TensorSpec::dtype, Comparator.reverseOrder())
            .thenComparing(TensorSpec::name, NameOrder.UTF8);

    private final byte[] header;
    private final SequencedMap<String, TensorSpec> tensors;
    private final SequencedMap<String, Long> offsets;
    private final long fileSize;

    private SafetensorsLayout(byte[] header, SequencedMap<String, TensorSpec> tensors,
            SequencedMap<String, Long> offsets, long fileSize) {
        this.header = header;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
        this.offsets = Collections.unmodifiableSequencedMap(offsets);
        this.fileSize = fileSize;
    }

    /** The layout of a file with these tensors, in any order, and {@link #DEFAULT_METADATA}. */
    public static SafetensorsLayout of(Collection<TensorSpec> tensors) {
        return of(tensors, DEFAULT_METADATA);
    }

    /**
     * The layout of a file with these tensors, in any order.
     *
     * @param metadata strings for {@code __metadata__}, written in the map's order; empty leaves it out
     * @throws IllegalArgumentException if two tensors have one name, or a name cannot be written
     * @throws ArithmeticException      if a size overflows or is no whole number of bytes
     * @throws dev.ingot.error.ResourceException if the header would be larger than readers accept
     */
    public static SafetensorsLayout of(Collection<TensorSpec> tensors, Map<String, String> metadata) {
        List<TensorSpec> sorted = tensors.stream().sorted(ORDER).toList();
        SequencedMap<String, TensorSpec> byName = LinkedHashMap.newLinkedHashMap(sorted.size());
        for (TensorSpec tensor : sorted) {
            if (byName.put(tensor.name(), tensor) != null) {
                throw new IllegalArgumentException("two tensors named " + Printable.quote(tensor.name()));
            }
        }
        byte[] header = SafetensorsHeaderWriter.write(sorted, metadata);
        SequencedMap<String, Long> offsets = LinkedHashMap.newLinkedHashMap(sorted.size());
        long end = header.length;
        for (TensorSpec tensor : sorted) {
            offsets.put(tensor.name(), end);
            end = Math.addExact(end, tensor.bytes());
        }
        return new SafetensorsLayout(header, byName, offsets, end);
    }

    /** The bytes from the start of the file to the first tensor: length field, JSON text, padding. A copy. */
    public byte[] header() {
        return header.clone();
    }

    /** Where the first tensor begins, in bytes from the start of the file. */
    public long dataStart() {
        return header.length;
    }

    /** Size of the whole file in bytes. */
    public long fileSize() {
        return fileSize;
    }

    /** Where each tensor begins, in bytes from the start of the file, by name in file order. */
    public SequencedMap<String, Long> offsets() {
        return offsets;
    }

    /** The tensors by name in file order. */
    public SequencedMap<String, TensorSpec> tensors() {
        return tensors;
    }

    /** The tensors in file order, placed in this file. */
    public List<TensorRef> in(Path file) {
        return tensors.values().stream()
                .map(tensor -> new TensorRef(tensor.name(), tensor.dtype(), tensor.shape(), file,
                        offsets.get(tensor.name()), tensor.bytes()))
                .toList();
    }
}
