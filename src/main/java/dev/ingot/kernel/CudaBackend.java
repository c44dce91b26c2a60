// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.Gpu;
import dev.ingot.error.DeviceException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * GPUs through the CUDA driver; {@link CudaDetection} finds them. Lanes are spread over the GPUs in turn. A lane holds a fixed
 * amount of pinned memory, which the planner grants, and twice as much on its GPU. Thread-safe.
 */
public final class CudaBackend implements Backend {
    /** Its name on the command line. */
    public static final String NAME = "cuda";

    /** Three slots of 8 MiB: copies of this size run at full speed, and more would only be memory. */
    static final long LANE_MEMORY = 24L << 20;

    /** Pinned memory is taken from the whole machine; on the GPUs it is twice as much. */
    static final long MOST_MEMORY = 512L << 20;

    /** Where memory is scarce, little fits into a lane, and the host computes the rest. */
    private static final long LEAST_LANE_MEMORY = 192L << 10;

    /** Keys that a processor counts while a GPU would just be starting. */
    private static final long LEAST_KEYS = 1 << 18;

    private static final LaneNeeds NEEDS = new LaneNeeds(64L * Kernels.CHUNK, LANE_MEMORY, MOST_MEMORY);

    private final List<CudaSession> sessions;
    private final Backend host;
    private final LaneNeeds needs;
    private final long leastKeys;
    private final MatrixUse matrices;
    private final AtomicReference<String> notice = new AtomicReference<>();
    private final AtomicInteger opened = new AtomicInteger();

    /**
     * @param gpus  where to compute, at least one
     * @param image gives the fat binary with the kernels
     * @param host  computes what is not worth carrying to a GPU
     */
    CudaBackend(List<Gpu> gpus, Supplier<byte[]> image, Backend host, MatrixUse matrices) {
        this(gpus, image, host, NEEDS, LEAST_KEYS, matrices);
    }

    /**
     * @param needs     what lanes want
     * @param leastKeys how many keys are worth carrying to a GPU
     * @param matrices  which operations on whole matrices are
     */
    CudaBackend(
            List<Gpu> gpus, Supplier<byte[]> image, Backend host, LaneNeeds needs, long leastKeys, MatrixUse matrices) {
        this.needs = needs;
        this.sessions = gpus.stream().map(gpu -> new CudaSession(gpu, image)).toList();
        this.host = host;
        this.leastKeys = leastKeys;
        this.matrices = matrices;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String description() {
        return NAME + " ("
                + sessions.stream().map(session -> session.gpu().name()).collect(Collectors.joining(", ")) + ")";
    }

    @Override
    public LaneNeeds needs() {
        return needs;
    }

    /** Opens a lane on the next GPU. The first one on a GPU creates its context, which takes some tenths of a second. */
    @Override
    public Kernels open(long memory) {
        CudaSession session = sessions.get(Math.floorMod(opened.getAndIncrement(), sessions.size()));
        return new CudaKernels(session, host, Math.max(memory, LEAST_LANE_MEMORY), leastKeys, ring -> new GpuLane(
                session, ring, matrices, line -> notice.compareAndSet(null, line), CudaBackend::refuse));
    }

    private static void refuse(DeviceException e) {
        throw e;
    }

    @Override
    public Optional<String> matrixDevice() {
        return matrices == MatrixUse.NONE ? Optional.empty() : Optional.of(description() + ", " + matrices);
    }

    @Override
    public Optional<String> notice() {
        return Optional.ofNullable(notice.get());
    }
}
