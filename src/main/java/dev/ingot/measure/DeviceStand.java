// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.cuda.CudaPlatform;
import dev.ingot.cuda.DeviceMemory;
import dev.ingot.cuda.Gpu;
import dev.ingot.cuda.Owned;
import dev.ingot.cuda.PinnedMemory;
import dev.ingot.kernel.Backend;
import dev.ingot.kernel.CudaDetection;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Kernels on operands in a GPU's memory, timed by events of the driver. Nothing is staged: what a merge pays for
 * moving weights to the GPU and back is not in these times.
 */
final class DeviceStand implements Stand {
    /** Many times the second-level cache of any GPU of today. */
    private static final long ROUND = 2L << 30;

    private static final long TRANSFER = 64L << 20;
    private static final int TRANSFERS = 9;

    /** What an emulated GPU's name begins with. */
    private static final String EMULATED = "Ingot";

    private final Gpu gpu;
    private final CudaPlatform.Driver driver;
    private final DeviceQueue queue;
    private final WorkerTeam team;

    /**
     * @param driver which driver
     * @param gpu    the GPU to measure
     * @param host   finds ranks in samples from the GPU, on the host's threads
     */
    DeviceStand(CudaPlatform.Driver driver, Gpu gpu, Backend host, int threads) {
        this.driver = driver;
        this.gpu = gpu;
        queue = new DeviceQueue(gpu, CudaDetection.image());
        team = new WorkerTeam(host, threads);
    }

    private boolean emulated() {
        return gpu.name().startsWith(EMULATED);
    }

    @Override
    public String description() {
        return gpu.name() + " (compute capability " + gpu.computeCapability() + ", " + gpu.multiprocessors()
                + " multiprocessors, " + gpu.memory() + " bytes, " + driver.cuda() + ")";
    }

    @Override
    public String copyDescription() {
        return "device to device";
    }

    @Override
    public List<String> warnings() {
        return emulated()
                ? List.of("the CUDA driver is an emulation: no figure says anything of a GPU")
                : List.of();
    }

    @Override
    public List<Transfer> transfers() {
        long bytes = emulated() ? 1 << 16 : TRANSFER;
        try (Owned owned = new Owned()) {
            MemorySegment host = owned.add(PinnedMemory.allocate(bytes)).segment();
            MemorySegment device = owned.add(DeviceMemory.allocate(bytes)).segment();
            List<Transfer> found = new ArrayList<>();
            found.add(transfer("host to device", bytes, () -> queue.stream().copyToDevice(host, device)));
            found.add(transfer("device to host", bytes, () -> queue.stream().copyToHost(device, host)));
            return found;
        }
    }

    /** The median of several, the first one left out. */
    private Transfer transfer(String name, long bytes, Runnable copy) {
        queue.time(copy);
        double seconds = DoubleStream.generate(() -> queue.time(copy)).limit(TRANSFERS).sorted()
                .skip(TRANSFERS / 2).findFirst().orElseThrow();
        return new Transfer(name, bytes / seconds);
    }

    @Override
    public long roundBytes() {
        return emulated() ? 1 : ROUND;
    }

    /** What is free less room for the scratch memory of selection. */
    @Override
    public long capacity() {
        return queue.context().freeMemory() / 4 * 3;
    }

    @Override
    public Loaded load(Dtype dtype, long elements, List<RoundPlan> plans, long copied) {
        return new DeviceLoaded(queue, team, dtype, elements, plans, Math.max(copied, 4096));
    }

    @Override
    public void close() {
        team.close();
        queue.close();
    }
}
