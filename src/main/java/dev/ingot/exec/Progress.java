// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes of a run as they go by. Thread-safe; readers poll. */
public class Progress {
    private final long bytesToRead;
    private final long bytesToWrite;
    private final AtomicLong read = new AtomicLong();
    private final AtomicLong written = new AtomicLong();
    private final AtomicInteger finishedTensors = new AtomicInteger();
    private final AtomicInteger resumedTensors = new AtomicInteger();
    private volatile String lastTensor = "";
    private volatile Activity activity = Activity.NONE;

    /**
     * @param bytesToRead  input bytes of all passes, as planned
     * @param bytesToWrite output bytes
     */
    public Progress(long bytesToRead, long bytesToWrite) {
        this.bytesToRead = bytesToRead;
        this.bytesToWrite = bytesToWrite;
    }

    /** A view of one moment. */
    public record Snapshot(
            long read, long toRead, long written, long toWrite, String tensor, Activity activity) {}

    /**
     * Long work on one matrix.
     *
     * @param tensor its name, empty if there is none
     * @param share  how much of the computation on it is done, from 0 to 1; where a method reads the model several times, of
     *               the one that is made in the present pass
     */
    public record Activity(String tensor, double share) {
        /** Nothing that takes long. */
        public static final Activity NONE = new Activity("", 0);
    }

    /** How far the run is. */
    public Snapshot snapshot() {
        return new Snapshot(read.get(), bytesToRead, written.get(), bytesToWrite, lastTensor, activity);
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

    void working(String tensor, double share) {
        activity = new Activity(tensor, share);
    }

    /** Nothing is done on a tensor any more, at least in this pass. */
    void rested(String tensor) {
        if (activity.tensor().equals(tensor)) {
            activity = Activity.NONE;
        }
    }

    void finished(String tensor) {
        finishedTensors.incrementAndGet();
        lastTensor = tensor;
    }
}
