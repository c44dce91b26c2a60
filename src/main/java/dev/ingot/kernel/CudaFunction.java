// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.ffi.gpu.IngotGpu;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The GPU's kernels and their launch geometry, as {@code cuda/include/ingot/gpu.h} states them. */
enum CudaFunction {
    CONVERT(IngotGpu.INGOT_GPU_CONVERT_THREADS(), IngotGpu.INGOT_GPU_CONVERT_ELEMENTS()),
    WEIGHTED_SUM(IngotGpu.INGOT_GPU_WEIGHTED_SUM_THREADS(), IngotGpu.INGOT_GPU_WEIGHTED_SUM_ELEMENTS()),
    WEIGHTED_SUM_BF16(WEIGHTED_SUM),
    WEIGHTED_SUM_F16(WEIGHTED_SUM),
    WEIGHTED_SUM_F32(WEIGHTED_SUM),
    DELTA_MERGE(IngotGpu.INGOT_GPU_DELTA_MERGE_THREADS(), IngotGpu.INGOT_GPU_DELTA_MERGE_ELEMENTS()),
    DELTA_MERGE_BF16(DELTA_MERGE),
    DELTA_MERGE_F16(DELTA_MERGE),
    DELTA_MERGE_F32(DELTA_MERGE),
    DELTA_SUMS(IngotGpu.INGOT_GPU_DELTA_SUMS_THREADS(), IngotGpu.INGOT_GPU_DELTA_SUMS_ELEMENTS()),
    GRAM(IngotGpu.INGOT_GPU_GRAM_THREADS(), IngotGpu.INGOT_GPU_GRAM_ELEMENTS()),
    GRAM_BF16(GRAM),
    GRAM_F16(GRAM),
    GRAM_F32(GRAM),
    SELECT_SCAN(IngotGpu.INGOT_GPU_SELECT_SCAN_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    SELECT_SCAN_BF16(SELECT_SCAN),
    SELECT_SCAN_F16(SELECT_SCAN),
    SELECT_SCAN_F32(SELECT_SCAN),
    /** One block per term. */
    SELECT_TOTALS(IngotGpu.INGOT_GPU_SELECT_TOTALS_THREADS(), 1),
    SELECT_GATHER(IngotGpu.INGOT_GPU_SELECT_GATHER_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    /** One block. */
    SELECT_NTH_EQUAL(IngotGpu.INGOT_GPU_SELECT_NTH_EQUAL_THREADS(), IngotGpu.INGOT_GPU_SELECT_SCAN_ELEMENTS()),
    SELECT_HISTOGRAM(IngotGpu.INGOT_GPU_SELECT_HISTOGRAM_THREADS(), IngotGpu.INGOT_GPU_SELECT_HISTOGRAM_ELEMENTS()),
    KEY_HISTOGRAM(IngotGpu.INGOT_GPU_KEY_HISTOGRAM_THREADS(), IngotGpu.INGOT_GPU_KEY_HISTOGRAM_ELEMENTS()),
    COUNT_EQUAL(IngotGpu.INGOT_GPU_COUNT_EQUAL_THREADS(), IngotGpu.INGOT_GPU_COUNT_EQUAL_ELEMENTS()),
    FORMULA(IngotGpu.INGOT_GPU_FORMULA_THREADS(), IngotGpu.INGOT_GPU_FORMULA_ELEMENTS()),
    /** A block per group of results of segments. */
    SEGMENTS(IngotGpu.INGOT_GPU_SEGMENTS_THREADS(), IngotGpu.INGOT_GPU_SEGMENTS_GROUPS());

    private final int threads;
    private final int elements;

    CudaFunction(int threads, int elements) {
        this.threads = threads;
        this.elements = elements;
    }

    CudaFunction(CudaFunction general) {
        this(general.threads, general.elements);
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

    /** The variant for operands that are all of one type, where there is one; this itself for others. */
    CudaFunction of(Stream<Operand> operands) {
        List<Dtype> dtypes = operands.map(Operand::dtype).distinct().toList();
        if (dtypes.size() > 1) {
            return this;
        }
        return switch (dtypes.getFirst()) {
            case BF16 -> valueOf(name() + "_BF16");
            case F16 -> valueOf(name() + "_F16");
            case F32 -> valueOf(name() + "_F32");
            default -> this;
        };
    }
}
