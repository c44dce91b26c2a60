// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.cuda.CudaPlatform;
import dev.ingot.cuda.Gpu;
import dev.ingot.fixture.EmulatedDriver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The GPUs that tests compute on: those of the emulated driver, unless {@code -Dingot.test.cuda=real} asks for the machine's.
 *
 * @param driver   which driver shows them
 * @param gpus     the GPUs
 * @param emulated whether it is the emulated driver
 */
public record TestGpus(String driver, List<Gpu> gpus, boolean emulated) {
    /** For a lane: so little that large tiles are cut into many pieces. */
    static final long LITTLE_MEMORY = 3L << 20;

    /** The GPUs, or empty, {@link #reason} saying why. */
    public static Optional<TestGpus> find() {
        boolean emulated = EmulatedDriver.find().isPresent();
        return switch (CudaPlatform.find()) {
            case CudaPlatform.Unavailable none -> Optional.empty();
            case CudaPlatform.Available found when !emulated && CudaDetection.class.getResource(CudaDetection.IMAGE) == null ->
                Optional.empty();
            case CudaPlatform.Available found ->
                Optional.of(new TestGpus(found.driver().library(), found.gpus(), emulated));
        };
    }

    /** A backend on the GPUs, or nothing where there are none: for tests over all backends that there are. */
    public static Stream<Backend> backends() {
        return find().stream().map(gpus -> gpus.backend(CudaBackend.LANE_MEMORY));
    }

    /** Why there are none. */
    public static String reason() {
        return CudaPlatform.find() instanceof CudaPlatform.Unavailable(String reason)
                ? reason
                : "this build has no kernels for GPUs";
    }

    /** A backend on all of them that carries to them whatever gives the same there. */
    public Backend backend(long memory) {
        return backend(memory, MatrixUse.NONE);
    }

    /** The same with matrices too, whose results differ by rounding. */
    public Backend withMatrices(long memory) {
        return backend(memory, MatrixUse.ALL);
    }

    private Backend backend(long memory, MatrixUse matrices) {
        LaneNeeds needs = new LaneNeeds(64L * Kernels.CHUNK, memory, CudaBackend.MOST_MEMORY);
        return new Roomy(new CudaBackend(gpus, this::image, Backends.detect(Map.of()).host(), needs, 1, matrices));
    }

    /** Lanes get the memory they want, also from plans that were made for another backend. */
    private record Roomy(Backend backend) implements Backend {
        @Override
        public String name() {
            return backend.name();
        }

        @Override
        public String description() {
            return backend.description();
        }

        @Override
        public LaneNeeds needs() {
            return backend.needs();
        }

        @Override
        public Kernels open(long memory) {
            return backend.open();
        }

        @Override
        public Optional<String> notice() {
            return backend.notice();
        }
    }

    /** The same, replaced by the host when it fails, as {@code auto} chooses it. */
    public Backend withFallback(long memory) {
        return withFallback(backend(memory));
    }

    /** Such a backend, replaced by the host when it fails. */
    public static Backend withFallback(Backend backend) {
        return new FallbackBackend(backend, Backends.detect(Map.of()).host());
    }

    /** The kernels. */
    public byte[] image() {
        // The emulated driver has its kernels built in and takes any image.
        return emulated ? new byte[] {1, 2, 3, 4} : CudaDetection.image();
    }
}
