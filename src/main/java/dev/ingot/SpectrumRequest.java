// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import dev.ingot.error.UsageException;
import dev.ingot.plan.MemorySize;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Of which models the singular values are wanted. Immutable; {@code with...} methods give changed copies.
 *
 * @param models  model directories, safetensors files or index files, at least one
 * @param base    what is subtracted from the values of each, tensor by tensor
 * @param top     how many singular values of each matrix are listed, and how many left singular vectors span the subspaces that
 *                are compared, at least 1
 * @param threads worker threads at most, at least 1; the result does not depend on it
 * @param memory  anonymous memory for the whole process, in bytes
 */
public record SpectrumRequest(List<Path> models, Optional<Path> base, int top, int threads, long memory) {
    /** Anonymous memory unless told otherwise: 4 GiB, enough for matrices of 8192 x 8192. */
    public static final long DEFAULT_MEMORY = 4L << 30;

    /** Singular values and vectors unless told otherwise. */
    public static final int DEFAULT_TOP = 8;

    /** Checks the numbers and copies the list. */
    public SpectrumRequest {
        models = List.copyOf(models);
        if (models.isEmpty()) {
            throw new UsageException("no model is given", "name at least one model");
        }
        if (top < 1) {
            throw new UsageException("of each matrix at least 1 singular value is shown, not " + top, "use for instance 8");
        }
        if (threads < 1) {
            throw new UsageException("at least 1 thread is needed, not " + threads, "leave it out to use all processors");
        }
    }

    /** These models, as they are, by all processors. */
    public static SpectrumRequest of(List<Path> models) {
        return new SpectrumRequest(
                models, Optional.empty(), DEFAULT_TOP, Runtime.getRuntime().availableProcessors(), DEFAULT_MEMORY);
    }

    /** The differences from this model. */
    public SpectrumRequest withBase(Path model) {
        return new SpectrumRequest(models, Optional.of(model), top, threads, memory);
    }

    /** Another number of singular values and vectors. */
    public SpectrumRequest withTop(int count) {
        return new SpectrumRequest(models, base, count, threads, memory);
    }

    /** Another number of threads. */
    public SpectrumRequest withThreads(int count) {
        return new SpectrumRequest(models, base, top, count, memory);
    }

    /** Other memory, in bytes. */
    public SpectrumRequest withMemory(long bytes) {
        return new SpectrumRequest(models, base, top, threads, bytes);
    }

    /**
     * Other memory as text, such as {@code 512MiB} or {@code 2GB}.
     *
     * @throws UsageException if it is no size
     */
    public SpectrumRequest withMemory(String size) {
        return withMemory(MemorySize.parse(size));
    }
}
