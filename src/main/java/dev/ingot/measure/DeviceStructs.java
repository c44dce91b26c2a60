// SPDX-License-Identifier: Apache-2.0
package dev.ingot.measure;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.ffi.nativelib.IngotNative;
import dev.ingot.ffi.nativelib.ingot_delta_merge_args;
import dev.ingot.ffi.nativelib.ingot_delta_term;
import dev.ingot.ffi.nativelib.ingot_mask_spec;
import dev.ingot.ffi.nativelib.ingot_operand;
import dev.ingot.kernel.DeltaMerge;
import dev.ingot.kernel.Mask;
import java.lang.foreign.MemorySegment;

/** Fills the structs that kernels of the GPU read. */
final class DeviceStructs {
    private DeviceStructs() {}

    static void operand(MemorySegment struct, MemorySegment data, Dtype dtype) {
        ingot_operand.data(struct, data);
        ingot_operand.dtype(struct, switch (dtype) {
            case BF16 -> IngotNative.INGOT_BF16();
            case F16 -> IngotNative.INGOT_F16();
            case F32 -> IngotNative.INGOT_F32();
            default -> throw new IllegalArgumentException(dtype + " is not measured");
        });
        ingot_operand.reserved(struct, 0);
    }

    static void term(MemorySegment struct, DeltaMerge.Term term, MemorySegment data, Dtype dtype) {
        struct.fill((byte) 0);
        operand(ingot_delta_term.model(struct), data, dtype);
        ingot_delta_term.weight(struct, term.weight());
        ingot_delta_term.rescale(struct, term.rescale());
        MemorySegment mask = ingot_delta_term.mask(struct);
        switch (term.mask()) {
            case Mask.None() -> ingot_mask_spec.kind(mask, IngotNative.INGOT_MASK_NONE());
            case Mask.Magnitude(int threshold, long tieCut) -> {
                ingot_mask_spec.kind(mask, IngotNative.INGOT_MASK_MAGNITUDE());
                ingot_mask_spec.threshold(mask, threshold);
                ingot_mask_spec.tie_cut(mask, tieCut);
            }
            case Mask.Bits bits -> throw new IllegalArgumentException(bits + " is not measured");
            case Mask.Random(long key, int keepBelow) -> {
                ingot_mask_spec.kind(mask, IngotNative.INGOT_MASK_RANDOM());
                ingot_mask_spec.key(mask, key);
                ingot_mask_spec.keep_below(mask, keepBelow);
            }
        }
    }

    /** Merges the deltas of a whole tensor with these terms, which are on the GPU. */
    static void merge(
            MemorySegment args, DeltaMerge merge, DeviceOperands operands, int tensor, MemorySegment terms) {
        operand(ingot_delta_merge_args.base(args), operands.tensor(0, tensor), operands.dtype());
        operand(ingot_delta_merge_args.output(args), operands.output(tensor, operands.dtype()), operands.dtype());
        ingot_delta_merge_args.terms(args, terms);
        ingot_delta_merge_args.count(args, operands.elements());
        ingot_delta_merge_args.term_count(args, merge.terms().size());
        ingot_delta_merge_args.consensus(args, merge.consensus() ? 1 : 0);
        ingot_delta_merge_args.normalize(args, merge.normalize() ? 1 : 0);
        ingot_delta_merge_args.divisor(args, merge.divisor());
        ingot_delta_merge_args.lambda(args, merge.lambda());
    }
}
