// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cuda;

import dev.ingot.ffi.cuda.CudaDriver;

/**
 * A GPU that the driver shows to this process.
 *
 * @param index           its place in the driver's list, from 0
 * @param handle          the driver's number of it
 * @param name            the product, for instance {@code NVIDIA H100 80GB HBM3}
 * @param major           compute capability before the point
 * @param minor           compute capability after the point
 * @param memory          bytes of its memory
 * @param multiprocessors number of its streaming multiprocessors
 * @param pciId           its place on the PCI bus
 */
public record Gpu(
        int index, int handle, String name, int major, int minor, long memory, int multiprocessors, String pciId) {
    /** @throws CudaException if the driver does not tell */
    static Gpu at(int index) {
        int device = DriverCall.getInt("cuDeviceGet", value -> CudaDriver.cuDeviceGet(value, index));
        return new Gpu(
                index,
                device,
                DriverCall.getText("cuDeviceGetName", (text, size) -> CudaDriver.cuDeviceGetName(text, size, device)),
                attribute(device, CudaDriver.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR()),
                attribute(device, CudaDriver.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR()),
                DriverCall.getLong("cuDeviceTotalMem_v2", bytes -> CudaDriver.cuDeviceTotalMem_v2(bytes, device)),
                attribute(device, CudaDriver.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT()),
                DriverCall.getText(
                        "cuDeviceGetPCIBusId", (text, size) -> CudaDriver.cuDeviceGetPCIBusId(text, size, device)));
    }

    private static int attribute(int device, int attribute) {
        return DriverCall.getInt(
                "cuDeviceGetAttribute", value -> CudaDriver.cuDeviceGetAttribute(value, attribute, device));
    }

    /** For instance {@code 9.0}. */
    public String computeCapability() {
        return major + "." + minor;
    }

    /** Whether its compute capability is at least this. */
    public boolean isAtLeast(int wantedMajor, int wantedMinor) {
        return major > wantedMajor || major == wantedMajor && minor >= wantedMinor;
    }
}
