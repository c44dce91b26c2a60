// SPDX-License-Identifier: Apache-2.0
package dev.ingot.linalg;

import dev.ingot.cuda.CudaException;
import dev.ingot.cuda.DeviceMemory;

/** A copy of a matrix on a GPU that outlives an operation. Closing gives the memory back. */
final class DeviceHeld implements AutoCloseable {
    private final DeviceEngine engine;
    private final DeviceMemory block;
    private final DeviceMatrix matrix;

    /** Copies it, and waits. */
    DeviceHeld(DeviceEngine engine, Matrix a) {
        this.engine = engine;
        long bytes = Matrix.bytes(a.rows(), a.cols(), a.precision());
        this.block = engine.lane().memory().take(bytes);
        this.matrix = new DeviceMatrix(block.segment().asSlice(0, bytes), a.rows(), a.cols(), a.precision());
        try {
            engine.lane().send(DeviceWork.rows(a), matrix.data());
        } catch (CudaException e) {
            engine.lane().memory().give(block);
            throw e;
        }
    }

    DeviceMatrix matrix() {
        return matrix;
    }

    @Override
    public void close() {
        engine.lane().makeCurrent();
        engine.lane().memory().give(block);
    }
}
