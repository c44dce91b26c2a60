// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import java.util.Comparator;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Blocks of a GPU's memory that come and go, for several threads. What is given back is kept for the next who asks, up to a
 * limit, because asking the driver waits for the GPU. The context must be current wherever it is used. Thread-safe.
 *
 * <p>Those who take part work side by side; who finds too little memory may take a turn alone, when all others have given back
 * theirs.
 */
public final class DevicePool implements AutoCloseable {
    /** Sizes are multiples of it, so that blocks fit again. */
    private static final long GRAIN = 64L << 10;

    private static final Comparator<DeviceMemory> BY_SIZE = Comparator.<DeviceMemory>comparingLong(
                    block -> block.segment().byteSize())
            .thenComparingLong(block -> block.segment().address());

    private final long mostIdle;
    private final TreeSet<DeviceMemory> idle = new TreeSet<>(BY_SIZE);
    private final ReentrantReadWriteLock turns = new ReentrantReadWriteLock(true);
    private long idleBytes;

    /** @param mostIdle bytes that are kept when nobody uses them */
    public DevicePool(long mostIdle) {
        this.mostIdle = mostIdle;
    }

    /** A time of using memory, of which closing is the end. */
    public interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Waits until one may use memory: beside others, or alone. Belongs to the calling thread. */
    public Turn turn(boolean alone) {
        Lock lock = alone ? turns.writeLock() : turns.readLock();
        lock.lock();
        return lock::unlock;
    }

    /**
     * A block of at least this size, whose content is undefined.
     *
     * @throws CudaException if there is not as much memory
     */
    public synchronized DeviceMemory take(long bytes) {
        long size = Math.ceilDiv(Math.max(bytes, 1), GRAIN) * GRAIN;
        Optional<DeviceMemory> kept = idle.stream()
                .filter(block -> block.segment().byteSize() >= size && block.segment().byteSize() <= 2 * size)
                .findFirst();
        if (kept.isPresent()) {
            idle.remove(kept.get());
            idleBytes -= kept.get().segment().byteSize();
            return kept.get();
        }
        try {
            return DeviceMemory.allocate(size);
        } catch (CudaException e) {
            if (!e.isOutOfMemory() || idle.isEmpty()) {
                throw e;
            }
            trim();
            return DeviceMemory.allocate(size);
        }
    }

    /**
     * Memory that is the caller's from now on, not the pool's. If there is too little, it waits until nobody has a turn, and takes
     * what the pool kept.
     *
     * @throws CudaException if there is not as much memory even then
     */
    public DeviceMemory claim(long bytes) {
        try {
            return DeviceMemory.allocate(bytes);
        } catch (CudaException e) {
            if (!e.isOutOfMemory()) {
                throw e;
            }
        }
        try (Turn _ = turn(true)) {
            trim();
            return DeviceMemory.allocate(bytes);
        }
    }

    /** Gives a block back; the GPU must have finished with it. */
    public synchronized void give(DeviceMemory block) {
        long size = block.segment().byteSize();
        if (idleBytes + size > mostIdle) {
            block.close();
        } else {
            idle.add(block);
            idleBytes += size;
        }
    }

    /** Gives what nobody uses back to the driver. */
    public synchronized void trim() {
        idleBytes = 0;
        try (Owned all = new Owned()) {
            idle.forEach(all::add);
            idle.clear();
        }
    }

    @Override
    public void close() {
        trim();
    }
}
