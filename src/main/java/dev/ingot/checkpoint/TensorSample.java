// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** Tells whether two tensors hold the same data without reading all of it. */
public final class TensorSample {
    private static final int BLOCKS = 16;
    private static final int BLOCK_BYTES = 4096;

    private TensorSample() {}

    /**
     * Whether two tensors have one type and shape and agree in 16 blocks of 4 KiB spread evenly from the first byte to the
     * last; all bytes of small tensors. A copy of a tied head always agrees. A head that was trained on its own does not: all of
     * its rows move.
     *
     * @throws CheckpointException if a file cannot be read
     */
    public static boolean agrees(TensorRef left, TensorRef right) {
        if (left.dtype() != right.dtype() || !left.shape().equals(right.shape())) {
            return false;
        }
        long bytes = left.bytes();
        boolean whole = bytes <= (long) BLOCKS * BLOCK_BYTES;
        int blocks = whole ? (int) ((bytes + BLOCK_BYTES - 1) / BLOCK_BYTES) : BLOCKS;
        for (int block = 0; block < blocks; block++) {
            long start = whole ? (long) block * BLOCK_BYTES : (bytes - BLOCK_BYTES) * block / (BLOCKS - 1);
            int length = (int) Math.min(BLOCK_BYTES, bytes - start);
            if (!read(left, start, length).equals(read(right, start, length))) {
                return false;
            }
        }
        return true;
    }

    private static ByteBuffer read(TensorRef tensor, long start, int length) {
        FileFaults.requireRegularFile(tensor.file());
        ByteBuffer buffer = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(tensor.file(), StandardOpenOption.READ)) {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, tensor.offset() + start + buffer.position()) < 0) {
                    throw new EOFException("tensor " + Printable.quote(tensor.name()));
                }
            }
        } catch (IOException e) {
            throw FileFaults.unreadable(tensor.file(), e);
        }
        return buffer.flip();
    }
}
