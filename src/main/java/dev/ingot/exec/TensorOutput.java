// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One tensor's place in its shard. It counts as finished, and enters the journal, when its last byte has been written to the
 * file. Thread-safe.
 */
final class TensorOutput {
    private final PlannedTensor tensor;
    private final OutputShard shard;
    private final Journal journal;
    private final Progress progress;
    private final AtomicLong checksum = new AtomicLong();
    private final AtomicLong unwritten;

    /** A piece of a tensor: bytes from first, counted from the tensor's start. */
    record Piece(long first, long bytes) {}

    TensorOutput(PlannedTensor tensor, OutputShard shard, Journal journal, Progress progress) {
        this.tensor = tensor;
        this.shard = shard;
        this.journal = journal;
        this.progress = progress;
        this.unwritten = new AtomicLong(tensor.bytes());
    }

    /**
     * Number of pieces when the file is cut at multiples of a size; no piece spans two of the shard's chunks, and none splits
     * an element.
     *
     * @param bytes a power of two, at least {@link TileChecksum#GRAIN}
     */
    int pieces(long bytes) {
        long cut = Math.min(bytes, shard.chunkSize());
        return tensor.bytes() == 0
                ? 0
                : Math.toIntExact((tensor.offset() + tensor.bytes() - 1) / cut - tensor.offset() / cut + 1);
    }

    /** Piece number {@code index} of {@link #pieces}. */
    Piece piece(int index, long bytes) {
        long cut = Math.min(bytes, shard.chunkSize());
        long start = Math.max(tensor.offset(), (tensor.offset() / cut + index) * cut);
        long end = Math.min(tensor.offset() + tensor.bytes(), (tensor.offset() / cut + index + 1) * cut);
        return new Piece(start - tensor.offset(), end - start);
    }

    /** Where to compute a piece. */
    MemorySegment reserve(Piece piece) {
        return shard.reserve(tensor.offset() + piece.first(), piece.bytes());
    }

    /** Hands a computed piece over to be written. */
    void write(Piece piece, MemorySegment data, Lane lane) {
        checksum.addAndGet(TileChecksum.of(tensor.offset() + piece.first(), data, lane));
        progress.written(piece.bytes());
        shard.filled(tensor.offset() + piece.first(), piece.bytes(), this::written);
    }

    private void written(long bytes) {
        if (unwritten.addAndGet(-bytes) == 0) {
            finish();
        }
    }

    private void finish() {
        journal.record(tensor.index(), checksum.get());
        progress.finished(tensor.name());
    }

    /** Called once when there is nothing more to compute. */
    void complete() {
        if (tensor.bytes() == 0) {
            finish();
        }
    }

    /** Whether an earlier run recorded this tensor as finished. */
    boolean isRecorded() {
        return journal.recorded(tensor.index()).isPresent();
    }

    /** Reads a piece back. */
    void verify(Piece piece, MemorySegment buffer, Lane lane) {
        shard.read(tensor.offset() + piece.first(), buffer);
        checksum.addAndGet(TileChecksum.of(tensor.offset() + piece.first(), buffer, lane));
    }

    /** Whether all that was verified is what an earlier run recorded; forgets it if not. */
    boolean isVerified() {
        if (journal.recorded(tensor.index()).equals(OptionalLong.of(checksum.get()))) {
            return true;
        }
        checksum.set(0);
        return false;
    }

    /** Keeps what the file holds. Chunks that other tensors share are put together anew, the others stay as they are. */
    void keep() {
        progress.resumed(tensor.bytes());
        for (int i = 0; i < pieces(shard.chunkSize()); i++) {
            Piece piece = piece(i, shard.chunkSize());
            if (piece.bytes() == shard.chunkSize()) {
                shard.kept(piece.bytes());
                written(piece.bytes());
            } else {
                shard.read(tensor.offset() + piece.first(), reserve(piece));
                shard.filled(tensor.offset() + piece.first(), piece.bytes(), this::written);
            }
        }
    }
}
