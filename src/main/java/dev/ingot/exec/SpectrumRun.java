// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.SafetensorsHeader;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.InterruptedMergeException;
import dev.ingot.error.ResourceException;
import dev.ingot.ffi.Posix;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.InputFaultException;
import dev.ingot.linalg.WorkSpace;
import dev.ingot.plan.MemorySize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Computes the spectra of tensors, one tensor per thread at a time. One run runs once. Values and results do not depend on the
 * number of threads.
 */
public final class SpectrumRun {
    private final List<SpectrumTask> tasks;
    private final Collection<Checkpoint> checkpoints;
    private final Backend backend;
    private final int listed;
    private final int threads;
    private final long laneMemory;
    private final Progress progress;
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /**
     * Finds out how much memory is needed, and takes as many threads as there is memory for.
     *
     * @param tasks       what to compute
     * @param checkpoints all that the tasks' tensors are of
     * @param backend     widens and subtracts
     * @param listed      how many singular values of each matrix are listed at most
     * @param mostThreads threads at most
     * @param memory      anonymous memory of the whole process, in bytes
     * @throws ResourceException if it is less than the largest matrix needs
     */
    public SpectrumRun(List<SpectrumTask> tasks, Collection<Checkpoint> checkpoints, Backend backend, int listed,
            int mostThreads, long memory) {
        this.tasks = List.copyOf(tasks);
        this.checkpoints = List.copyOf(checkpoints);
        this.backend = backend;
        this.listed = listed;
        this.progress = new Progress(tasks.stream().mapToLong(SpectrumTask::bytes).sum(), 0);
        // Two tiles of inputs at 8 bytes an element, what the kernels hold, what OpenBLAS holds.
        long fixed = 2 * 8 * backend.needs().tileElements() + backend.needs().memory() + WorkSpace.PER_THREAD;
        long largest = 0;
        for (SpectrumTask task : this.tasks) {
            largest = Math.max(largest, task.memory());
            long needed = MemorySize.JAVA + fixed + task.memory();
            if (needed > memory) {
                throw new ResourceException(
                        "tensor '" + task.name() + "' [" + task.rows() + ", " + task.cols() + "] needs "
                                + mebibytes(needed) + " of memory in all, but " + mebibytes(memory) + " are allowed",
                        "allow more: --memory " + mebibytes(needed));
            }
        }
        this.laneMemory = fixed + largest;
        this.threads = Math.clamp((memory - MemorySize.JAVA) / laneMemory, 1, mostThreads);
    }

    private static String mebibytes(long bytes) {
        return ((bytes + (1 << 20) - 1) >> 20) + "MiB";
    }

    /** How far the run is; may be asked from any thread. */
    public Progress progress() {
        return progress;
    }

    /** How many threads compute. */
    public int threads() {
        return threads;
    }

    /** Anonymous memory that the run takes at most, in bytes. */
    public long memory() {
        return MemorySize.JAVA + threads * laneMemory;
    }

    /** Asks the run to stop after the factorisations that are going on. Returns at once, from any thread. */
    public void cancel() {
        cancelled.set(true);
    }

    /**
     * Computes all spectra, in the order of the tasks.
     *
     * @throws InterruptedMergeException if the run was cancelled or the thread interrupted
     * @throws CheckpointException       if an input changed or failed meanwhile
     */
    public List<TensorSpectrum> run() {
        List<SafetensorsHeader> headers =
                checkpoints.stream().map(Checkpoint::files).flatMap(List::stream).distinct().toList();
        try (InputFiles inputs = new InputFiles(headers, IoMode.AUTO, Posix.find())) {
            TensorSpectrum[] results = new TensorSpectrum[tasks.size()];
            try {
                compute(inputs, results);
                inputs.checkUnchanged();
            } catch (InputFaultException e) {
                throw new CheckpointException(
                        "an input file was changed or became unreadable meanwhile: one of " + inputs.names(),
                        "another program changed the file, or its disk failed; restore it, then run again",
                        e);
            }
            return Arrays.asList(results);
        }
    }

    /** The largest matrices first, so that no thread begins one when the others have nothing left to do. */
    private List<Integer> order() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingLong((Integer i) -> -tasks.get(i).memory()));
        return order;
    }

    private void compute(InputFiles inputs, TensorSpectrum[] results) {
        List<Integer> order = order();
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            workers.add(Thread.ofPlatform().name("ingot-spectrum-" + i).daemon().start(() -> {
                try (SpectrumLane lane = new SpectrumLane(backend, laneMemory, inputs, progress, this::requireGoing)) {
                    for (int at = next.getAndIncrement(); at < order.size(); at = next.getAndIncrement()) {
                        requireGoing();
                        int task = order.get(at);
                        results[task] = lane.compute(tasks.get(task), listed);
                    }
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                    cancelled.set(true);
                }
            }));
        }
        join(workers);
        switch (failure.get()) {
            case null -> { }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void requireGoing() {
        if (cancelled.get()) {
            throw new InterruptedMergeException(
                    "stopped after " + progress.finishedTensors() + " of " + tasks.size() + " tensors",
                    "nothing was written; run the command again");
        }
    }

    /** Waits for all; an interrupt of this thread cancels the run. */
    private void join(List<Thread> workers) {
        boolean interrupted = false;
        for (Thread worker : workers) {
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                    cancelled.set(true);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
