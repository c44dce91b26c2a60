// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.fixture.EmulatedDriver;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found, and what is said where nothing is, on the emulated driver. */
@Tag(EmulatedDriver.TAG)
class CudaPlatformTest {
    private EmulatedDriver driver;

    @BeforeEach
    void reset() {
        driver = EmulatedDriver.find().orElseGet(() -> Assumptions.abort("this needs the emulated driver"));
        driver.reset();
    }

    @AfterEach
    void forget() {
        driver.reset();
    }

    private static String reason() {
        CudaPlatform found = CudaPlatform.find();
        assertThat(found).isInstanceOf(CudaPlatform.Unavailable.class);
        String reason = ((CudaPlatform.Unavailable) found).reason();
        assertThat(reason).hasLineCount(1);
        return reason;
    }

    @Test
    void gpusAreListed() {
        driver.set("INGOT_SHIM_DEVICES", "2");
        driver.set("INGOT_SHIM_MEMORY", "123456789");
        driver.set("INGOT_SHIM_CAPABILITY", "86");
        assertThat(CudaPlatform.find()).isInstanceOfSatisfying(CudaPlatform.Available.class, found -> {
            assertThat(found.driver().cuda()).isEqualTo("CUDA 13.0");
            assertThat(found.gpus()).hasSize(2).allSatisfy(gpu -> {
                assertThat(gpu.name()).isNotBlank();
                assertThat(gpu.memory()).isEqualTo(123456789);
                assertThat(gpu.computeCapability()).isEqualTo("8.6");
                assertThat(gpu.multiprocessors()).isPositive();
                assertThat(gpu.pciId()).isNotBlank();
            });
            assertThat(found.gpus().get(0).pciId()).isNotEqualTo(found.gpus().get(1).pciId());
        });
    }

    @Test
    void anOldDriverIsNamedWithWhatIsNeeded() {
        driver.set("INGOT_SHIM_DRIVER_VERSION", "12040");
        assertThat(reason()).contains("needs driver 580 (CUDA 13.0) or newer, found CUDA 12.4", "update");
    }

    @Test
    void noGpu() {
        driver.set("INGOT_SHIM_DEVICES", "0");
        assertThat(reason()).containsAnyOf("CUDA_ERROR_NO_DEVICE", "shows no GPU").contains("CUDA_VISIBLE_DEVICES");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "cuInit",
        "cuDriverGetVersion",
        "cuDeviceGetCount",
        "cuDeviceGet",
        "cuDeviceGetName",
        "cuDeviceGetAttribute",
        "cuDeviceTotalMem_v2",
        "cuDeviceGetPCIBusId"
    })
    void aDriverThatFailsIsNotUsed(String function) {
        driver.fail(function, 1, 999);
        assertThat(reason()).contains("CUDA_ERROR_UNKNOWN");
        assertThat(CudaPlatform.find()).as("the next time").isInstanceOf(CudaPlatform.Available.class);
    }

    /** What the GPU kit and benchmarks measure with, which a merge does not use. */
    @Test
    void eventsTakeTimeAndStreamsWaitForEachOther() {
        Gpu gpu = ((CudaPlatform.Available) CudaPlatform.find()).gpus().getFirst();
        try (Owned owned = new Owned()) {
            CudaContext context = owned.add(CudaContext.of(gpu));
            context.makeCurrent();
            assertThat(context.freeMemory()).isPositive().isLessThanOrEqualTo(gpu.memory());
            DeviceMemory from = owned.add(DeviceMemory.allocate(4096));
            DeviceMemory to = owned.add(DeviceMemory.allocate(4096));
            PinnedMemory host = owned.add(PinnedMemory.allocate(4096));
            CudaStream first = owned.add(CudaStream.create());
            CudaStream second = owned.add(CudaStream.create());
            CudaEvent begin = owned.add(CudaEvent.create());
            CudaEvent end = owned.add(CudaEvent.create());
            host.segment().fill((byte) 7);
            first.record(begin);
            first.copyToDevice(host.segment(), from.segment());
            first.record(end);
            second.await(end);
            second.copyOnDevice(from.segment(), to.segment());
            second.clear(to.segment().asSlice(0, 1024));
            second.copyToHost(to.segment(), host.segment());
            second.synchronize();
            end.synchronize();
            context.synchronize();
            assertThat(end.millisecondsSince(begin)).isNotNegative();
            assertThat(host.segment().get(ValueLayout.JAVA_BYTE, 1023)).isZero();
            assertThat(host.segment().get(ValueLayout.JAVA_BYTE, 1024)).isEqualTo((byte) 7);
        }
        assertThat(driver.liveAllocations() + driver.liveHandles()).isZero();
    }
}
