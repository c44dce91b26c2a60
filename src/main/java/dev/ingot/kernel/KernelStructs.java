// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.ffi.nativelib.IngotNative;
import dev.ingot.ffi.nativelib.ingot_delta_term;
import dev.ingot.ffi.nativelib.ingot_mask_spec;
import dev.ingot.ffi.nativelib.ingot_operand;
import dev.ingot.ffi.nativelib.ingot_select_term;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The arrays of structs that kernels of the native library and of GPUs point to, allocated once per lane and refilled for
 * every call. Confined to the lane's thread.
 */
final class KernelStructs {
    private final Arena arena;
    private final MemorySegment deltaTerms;
    private final MemorySegment selectTerms;
    private int inputCapacity;
    private MemorySegment operands;
    private MemorySegment weights;
    private MemorySegment scratch = MemorySegment.NULL;

    KernelStructs(Arena arena) {
        this.arena = arena;
        deltaTerms = ingot_delta_term.allocateArray(DeltaMerge.MAX_TERMS, arena);
        selectTerms = ingot_select_term.allocateArray(DeltaMerge.MAX_TERMS, arena);
        allocateInputs(DeltaMerge.MAX_TERMS);
    }

    /** Only sums of more models than any other operation takes ever come here twice. */
    private void allocateInputs(int capacity) {
        inputCapacity = capacity;
        operands = ingot_operand.allocateArray(capacity, arena);
        weights = arena.allocate(ValueLayout.JAVA_FLOAT, capacity);
    }

    MemorySegment operands(List<Operand> inputs) {
        if (inputs.size() > inputCapacity) {
            allocateInputs(Math.max(inputs.size(), 2 * inputCapacity));
        }
        for (int i = 0; i < inputs.size(); i++) {
            operand(ingot_operand.asSlice(operands, i), inputs.get(i));
        }
        return operands;
    }

    /** To be called after {@link #operands}, which makes room. */
    MemorySegment weights(List<Float> values) {
        for (int i = 0; i < values.size(); i++) {
            weights.setAtIndex(ValueLayout.JAVA_FLOAT, i, values.get(i));
        }
        return weights;
    }

    /** Memory of any content, of at least this size. */
    MemorySegment scratch(long bytes) {
        if (scratch.byteSize() < bytes) {
            scratch = arena.allocate(Math.max(bytes, 2 * scratch.byteSize()), Long.BYTES);
        }
        return scratch;
    }

    MemorySegment terms(List<DeltaMerge.Term> terms, List<Operand> models) {
        return terms(terms, models, terms.stream().map(DeltaMerge.Term::mask).toList());
    }

    /** Terms with other masks than their own. */
    MemorySegment terms(List<DeltaMerge.Term> terms, List<Operand> models, List<Mask> masks) {
        for (int i = 0; i < terms.size(); i++) {
            MemorySegment struct = maskedTerm(i, masks.get(i), models.get(i));
            ingot_delta_term.weight(struct, terms.get(i).weight());
            ingot_delta_term.rescale(struct, terms.get(i).rescale());
        }
        return deltaTerms;
    }

    /** Terms without weights, which sums of deltas ignore. */
    MemorySegment masked(List<Mask> masks, List<Operand> models) {
        for (int i = 0; i < masks.size(); i++) {
            maskedTerm(i, masks.get(i), models.get(i));
        }
        return deltaTerms;
    }

    private MemorySegment maskedTerm(int index, Mask mask, Operand model) {
        MemorySegment struct = ingot_delta_term.asSlice(deltaTerms, index);
        operand(ingot_delta_term.model(struct), model);
        mask(ingot_delta_term.mask(struct), mask);
        return struct;
    }

    private static void mask(MemorySegment struct, Mask mask) {
        switch (mask) {
            case Mask.None() -> ingot_mask_spec.kind(struct, IngotNative.INGOT_MASK_NONE());
            case Mask.Magnitude(int threshold, long tieCut) -> {
                ingot_mask_spec.kind(struct, IngotNative.INGOT_MASK_MAGNITUDE());
                ingot_mask_spec.threshold(struct, threshold);
                ingot_mask_spec.tie_cut(struct, tieCut);
            }
            case Mask.Bits(Table table) -> {
                ingot_mask_spec.kind(struct, IngotNative.INGOT_MASK_BITS());
                ingot_mask_spec.bits(struct, table.data());
            }
            case Mask.Random(long key, int keepBelow) -> {
                ingot_mask_spec.kind(struct, IngotNative.INGOT_MASK_RANDOM());
                ingot_mask_spec.key(struct, key);
                ingot_mask_spec.keep_below(struct, keepBelow);
            }
        }
    }

    MemorySegment scanTerms(List<Bracket> brackets, List<Operand> models, List<MemorySegment> candidates) {
        for (int i = 0; i < brackets.size(); i++) {
            MemorySegment struct = ingot_select_term.asSlice(selectTerms, i);
            operand(ingot_select_term.model(struct), models.get(i));
            ingot_select_term.low(struct, brackets.get(i).low());
            ingot_select_term.high(struct, brackets.get(i).high());
            ingot_select_term.candidates(struct, candidates.get(i));
            ingot_select_term.capacity(struct, candidates.get(i).byteSize() / Integer.BYTES);
        }
        return selectTerms;
    }

    /** What the library wrote into a term handed out by {@link #scanTerms}. */
    ScanCounts scanned(int index) {
        return scanned(selectTerms, index);
    }

    /** The results in a term of an array of them. */
    static ScanCounts scanned(MemorySegment terms, int index) {
        MemorySegment struct = ingot_select_term.asSlice(terms, index);
        return new ScanCounts(
                ingot_select_term.above(struct),
                ingot_select_term.at_high(struct),
                ingot_select_term.inside(struct),
                ingot_select_term.at_low(struct));
    }

    static void operand(MemorySegment struct, Operand operand) {
        ingot_operand.data(struct, operand.data());
        ingot_operand.dtype(struct, code(operand.dtype()));
    }

    private static int code(Dtype dtype) {
        return switch (dtype) {
            case F32 -> IngotNative.INGOT_F32();
            case BF16 -> IngotNative.INGOT_BF16();
            case F16 -> IngotNative.INGOT_F16();
            case F64 -> IngotNative.INGOT_F64();
            case F8_E4M3 -> IngotNative.INGOT_F8_E4M3();
            case F8_E5M2 -> IngotNative.INGOT_F8_E5M2();
            default -> throw new IllegalArgumentException(dtype + " is not computed with");
        };
    }
}
