// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.error.DeviceException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A device as long as it works, and the host from its first failure on. As both give the same bits, nothing of the result shows
 * it. One for each merge. Thread-safe.
 */
final class FallbackBackend implements Backend {
    private final Backend device;
    private final Backend host;
    private final AtomicReference<DeviceException> failure = new AtomicReference<>();

    FallbackBackend(Backend device, Backend host) {
        this.device = device;
        this.host = host;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return failed() ? device.description() + ", then " + host.description() : device.description();
    }

    @Override
    public LaneNeeds needs() {
        return device.needs();
    }

    @Override
    public Optional<String> matrixDevice() {
        return device.matrixDevice();
    }

    @Override
    public Kernels open(long memory) {
        return new FallbackKernels(this, memory);
    }

    @Override
    public Optional<String> notice() {
        return Optional.ofNullable(failure.get())
                .map(e -> "the " + device.name() + " backend failed, " + host.name() + " went on in its place: "
                        + e.getMessage() + "; " + e.hint())
                .or(device::notice);
    }

    boolean failed() {
        return failure.get() != null;
    }

    void fail(DeviceException e) {
        failure.compareAndSet(null, e);
    }

    Backend device() {
        return device;
    }

    Backend host() {
        return host;
    }
}
