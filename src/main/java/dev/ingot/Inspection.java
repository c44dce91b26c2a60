// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.SafetensorsHeader;
import dev.ingot.checkpoint.TensorRef;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a checkpoint holds, from its headers.
 *
 * @param location what was inspected: a directory, a weight file or an index file
 * @param files    its weight files, by name
 * @param tensors  its tensors, by name
 * @param warnings what is odd about it but does not hinder reading, one line each
 */
public record Inspection(Path location, List<File> files, List<Tensor> tensors, List<String> warnings) {
    /** Copies the lists. */
    public Inspection {
        files = List.copyOf(files);
        tensors = List.copyOf(tensors);
        warnings = List.copyOf(warnings);
    }

    /**
     * A weight file.
     *
     * @param path     where it is
     * @param bytes    its size
     * @param metadata the strings of its header
     */
    public record File(Path path, long bytes, SequencedMap<String, String> metadata) {
        /** Copies the map. */
        public File {
            metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
        }
    }

    /**
     * A tensor.
     *
     * @param name  its name
     * @param dtype its element type, such as {@code BF16}
     * @param shape its dimensions, outermost first
     * @param file  the weight file that holds it
     * @param bytes size of its data
     */
    public record Tensor(String name, String dtype, List<Long> shape, Path file, long bytes) {
        /** Copies the list. */
        public Tensor {
            shape = List.copyOf(shape);
        }

        /** Number of elements. */
        public long elements() {
            return shape.stream().reduce(1L, (a, b) -> a * b);
        }
    }

    /** Number of elements of all tensors. */
    public long parameters() {
        return tensors.stream().mapToLong(Tensor::elements).sum();
    }

    /** Size of the data of all tensors. */
    public long bytes() {
        return tensors.stream().mapToLong(Tensor::bytes).sum();
    }

    static Inspection of(Checkpoint checkpoint) {
        return new Inspection(
                checkpoint.location(),
                checkpoint.files().stream().map(Inspection::file).toList(),
                checkpoint.tensors().values().stream().map(Inspection::tensor).toList(),
                checkpoint.warnings());
    }

    private static File file(SafetensorsHeader header) {
        return new File(header.file(), header.fileSize(), header.metadata());
    }

    private static Tensor tensor(TensorRef tensor) {
        return new Tensor(
                tensor.name(), tensor.dtype().name(), tensor.shape().dims(), tensor.file(), tensor.bytes());
    }
}
