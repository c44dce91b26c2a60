// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The bytes of one weight file, open for reading. All offsets count from the start of the file, as in
 * {@link TensorRef#offset()}. Threads may read at the same time; closing must wait until they have finished.
 */
public sealed interface WeightFile extends AutoCloseable permits MappedWeightFile, ChannelWeightFile {
    /** The file. */
    Path file();

    /** Size of the file in bytes when it was opened. */
    long size();

    /**
     * Fills a segment with the bytes from {@code offset} on.
     *
     * @param offset where to begin, in bytes
     * @param into   native memory that the calling thread may write
     * @throws IndexOutOfBoundsException if the range is not within {@link #size()}
     * @throws dev.ingot.error.CheckpointException if the file cannot be read or was shortened meanwhile
     * @throws dev.ingot.error.InterruptedMergeException if the calling thread was interrupted
     */
    void read(long offset, MemorySegment into);

    /** Ends the access. Idempotent. */
    @Override
    void close();

    /**
     * Maps the file of this header into memory.
     *
     * @throws dev.ingot.error.CheckpointException if it cannot be opened or has not the header's size any more
     */
    static MappedWeightFile map(SafetensorsHeader header) {
        return MappedWeightFile.open(header.file(), header.fileSize());
    }

    /**
     * Opens the file of this header for reads by position.
     *
     * @throws dev.ingot.error.CheckpointException if it cannot be opened or has not the header's size any more
     */
    static ChannelWeightFile open(SafetensorsHeader header) {
        return ChannelWeightFile.open(header.file(), header.fileSize());
    }
}
