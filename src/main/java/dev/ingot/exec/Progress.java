// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes of a run as they go by. Thread-safe; readers poll. */
public final class Progress {
    private final long bytesToRead;
    private final long bytesToWrite;
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private final AtomicInteger finishedTensors = new AtomicInteger();
    private final AtomicInteger resumedTensors = new AtomicInteger();
    private volatile String lastTensor = "";

    /**
     * @param bytesToRead  input bytes of all passes, as planned
     * @param bytesToWrite output bytes
     */
    public Progress(long bytesToRead, long bytesToWrite) {
        this.bytesToRead = bytesToRead;
        this.bytesToWrite = bytesToWrite;
    }

    /** A view of one moment. */
    public record Snapshot(long read, long toRead, long written, long toWrite, String tensor) {}

    /** How far the run is. */
    public Snapshot snapshot() {
        return new Snapshot(read.get(), bytesToRead, written.get(), bytesToWrite, lastTensor);
    }

    /** How many tensors are complete. */
    int finishedTensors() {
        return finishedTensors.get();
    }

    /** How many of them an interrupted run had left, intact. */
    int resumedTensors() {
        return resumedTensors.get();
    }

    void read(long bytes) {
        read.addAndGet(bytes);
    }

    void written(long bytes) {
        written.addAndGet(bytes);
    }

    void resumed(long bytes) {
        resumedTensors.incrementAndGet();
        written.addAndGet(bytes);
    }

    void finished(String tensor) {
        finishedTensors.incrementAndGet();
        lastTensor = tensor;
    }
}
