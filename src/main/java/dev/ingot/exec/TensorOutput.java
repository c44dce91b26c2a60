// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.plan.PlannedTensor;
import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/** One tensor's place in its shard, and the checksum of what was written there. Thread-safe. */
final class TensorOutput {
    private final PlannedTensor tensor;
    private final OutputShard shard;
    private final Journal journal;
    private final Progress progress;
    private final AtomicLong checksum = new AtomicLong();

    TensorOutput(PlannedTensor tensor, OutputShard shard, Journal journal, Progress progress) {
        this.tensor = tensor;
        this.shard = shard;
        this.journal = journal;
        this.progress = progress;
    }

    /** Writes a run of bytes. */
    void write(long offset, MemorySegment data, Lane lane) {
        checksum.addAndGet(TileChecksum.of(offset, data, lane));
        shard.write(tensor.offset() + offset, data);
        progress.written(data.byteSize());
    }

    /** Reads a run of bytes back and counts it as written if the tensor turns out to be complete. */
    void verify(long offset, MemorySegment buffer, Lane lane) {
        shard.read(tensor.offset() + offset, buffer);
        checksum.addAndGet(TileChecksum.of(offset, buffer, lane));
    }

    /** Whether all that was verified is what an earlier run recorded; forgets it if not. */
    boolean isVerified() {
        if (journal.recorded(tensor.index()).equals(OptionalLong.of(checksum.get()))) {
            progress.resumed(tensor.bytes());
            return true;
        }
        checksum.set(0);
        return false;
    }

    /** Whether an earlier run recorded this tensor as finished. */
    boolean isRecorded() {
        return journal.recorded(tensor.index()).isPresent();
    }

    /** Records the tensor as finished. */
    void complete() {
        journal.record(tensor.index(), checksum.get());
        progress.finished(tensor.name());
    }
}
