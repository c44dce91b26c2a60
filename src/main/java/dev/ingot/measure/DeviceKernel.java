// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.ffi.gpu.IngotGpu;
import java.util.Locale;

/** The GPU's kernels and their launch geometry, as {@code cuda/include/ingot/gpu.h} states them. */
enum DeviceKernel {
    CONVERT(IngotGpu.INGOT_GPU_CONVERT_THREADS(), IngotGpu.INGOT_GPU_CONVERT_ELEMENTS()),
    WEIGHTED_SUM_BF16(IngotGpu.INGOT_GPU_WEIGHTED_SUM_THREADS(), IngotGpu.INGOT_GPU_WEIGHTED_SUM_ELEMENTS()),
    WEIGHTED_SUM_F16(IngotGpu.INGOT_GPU_WEIGHTED_SUM_THREADS(), IngotGpu.INGOT_GPU_WEIGHTED_SUM_ELEMENTS()),
    WEIGHTED_SUM_F32(IngotGpu.INGOT_GPU_WEIGHTED_SUM_THREADS(), IngotGpu.INGOT_GPU_WEIGHTED_SUM_ELEMENTS()),
    DELTA_MERGE_BF16(IngotGpu.INGOT_GPU_DELTA_MERGE_THREADS(), IngotGpu.INGOT_GPU_DELTA_MERGE_ELEMENTS()),
    DELTA_MERGE_F16(IngotGpu.INGOT_GPU_DELTA_MERGE_THREADS(), IngotGpu.INGOT_GPU_DELTA_MERGE_ELEMENTS()),
    DELTA_MERGE_F32(IngotGpu.INGOT_GPU_DELTA_MERGE_THREADS(), IngotGpu.INGOT_GPU_DELTA_MERGE_ELEMENTS()),
    DELTA_SUMS(IngotGpu.INGOT_GPU_DELTA_SUMS_THREADS(), IngotGpu.INGOT_GPU_DELTA_SUMS_ELEMENTS()),
    GRAM_BF16(IngotGpu.INGOT_GPU_GRAM_THREADS(), IngotGpu.INGOT_GPU_GRAM_ELEMENTS()),
    GRAM_F16(IngotGpu.INGOT_GPU_GRAM_THREADS(), IngotGpu.INGOT_GPU_GRAM_ELEMENTS()),
    GRAM_F32(IngotGpu.INGOT_GPU_GRAM_THREADS(), IngotGpu.INGOT_GPU_GRAM_ELEMENTS()),
    SELECT_SAMPLE(IngotGpu.INGOT_GPU_SELECT_SAMPLE_THREADS(), IngotGpu.INGOT_GPU_SELECT_SAMPLE_ELEMENTS()),
    SELECT_SCAN_BF16(IngotGpu.INGOT_GPU_SELECT_SCAN_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    SELECT_SCAN_F16(IngotGpu.INGOT_GPU_SELECT_SCAN_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    SELECT_SCAN_F32(IngotGpu.INGOT_GPU_SELECT_SCAN_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    /** One block per term. */
    SELECT_TOTALS(IngotGpu.INGOT_GPU_SELECT_TOTALS_THREADS(), 1),
    SELECT_GATHER(IngotGpu.INGOT_GPU_SELECT_GATHER_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    /** One block. */
    SELECT_NTH_EQUAL(IngotGpu.INGOT_GPU_SELECT_NTH_EQUAL_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    KEY_HISTOGRAM(IngotGpu.INGOT_GPU_KEY_HISTOGRAM_THREADS(), IngotGpu.INGOT_GPU_KEY_HISTOGRAM_ELEMENTS());

    private final int threads;
    private final int elements;

    DeviceKernel(int threads, int elements) {
        this.threads = threads;
        this.elements = elements;
    }

    static DeviceKernel weightedSum(Dtype dtype) {
        return valueOf("WEIGHTED_SUM_" + dtype);
    }

    static DeviceKernel gram(Dtype dtype) {
        return valueOf("GRAM_" + dtype);
    }

    static DeviceKernel scan(Dtype dtype) {
        return valueOf("SELECT_SCAN_" + dtype);
    }

    static DeviceKernel deltaMerge(Dtype dtype) {
        return valueOf("DELTA_MERGE_" + dtype);
    }

    /** Its name in the module. */
    String symbol() {
        return "ingot_gpu_" + name().toLowerCase(Locale.ROOT);
    }

    /** Threads per block. */
    int threads() {
        return threads;
    }

    /** Blocks for that many elements. */
    int blocks(long count) {
        return Math.toIntExact(Math.ceilDiv(count, elements));
    }
}
