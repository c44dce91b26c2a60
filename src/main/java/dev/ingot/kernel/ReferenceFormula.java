// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Formulas in plain Java: the definition. */
final class ReferenceFormula {
    private static final int LANES = ReferenceReductions.LANES;

    private final float[][] registers = new float[Formula.REGISTERS][Blocks.SIZE];

    void run(Formula formula, Tile tile, FormulaResults to) {
        List<Operand> inputs = new ArrayList<>();
        tile.base().ifPresent(inputs::add);
        inputs.addAll(tile.models());
        int results = formula.results().size();
        double[][] lanes = new double[results][LANES];
        long written = 0;
        for (long segment = 0; segment < tile.count(); ) {
            long left = results == 0 ? tile.count() : Formula.segmentLeft(tile.start() + segment, formula.rowLength());
            long end = Math.min(tile.count(), segment + left);
            for (int r = 0; r < results; r++) {
                boolean max = formula.results().get(r) == Formula.Reduction.SUP;
                Arrays.fill(lanes[r], max ? Double.NEGATIVE_INFINITY : 0);
            }
            for (long first = segment; first < end; first += Blocks.SIZE) {
                int n = Blocks.length(first, end);
                for (Formula.Instruction instruction : formula.code()) {
                    switch (instruction.op()) {
                        case STORE -> store(instruction, formula, to, first, n);
                        case SUM, SUM_PRODUCT, SUP -> reduce(instruction, n, lanes[instruction.target()]);
                        default -> execute(instruction, formula, inputs, tile.start(), first, n);
                    }
                }
            }
            for (int r = 0; r < results; r++) {
                double value = formula.results().get(r) == Formula.Reduction.SUP
                        ? Arrays.stream(lanes[r]).max().orElseThrow() + 0.0
                        : ReferenceReductions.fold(lanes[r]);
                to.values().set(Blocks.LONG, written++ * Double.BYTES, Double.doubleToLongBits(value));
            }
            segment = end;
        }
    }

    private void execute(
            Formula.Instruction op, Formula formula, List<Operand> inputs, long start, long first, int n) {
        float[] t = registers[op.target()];
        if (op.op() == FormulaOp.INPUT) {
            Blocks.load(inputs.get(op.a()), first, n, t);
            return;
        }
        Philox philox = op.op() == FormulaOp.UNIFORM ? new Philox(op.k0()) : null;
        long row = formula.rowLength() == 0 ? Long.MAX_VALUE : formula.rowLength();
        for (int i = 0; i < n; i++) {
            long index = start + first + i;
            if (op.op().arity() > 0) {
                t[i] = compute(op, registers[op.a()][i], registers[op.b()][i], registers[op.c()][i], index);
                continue;
            }
            t[i] = switch (op.op()) {
                case CONSTANT -> Float.intBitsToFloat((int) op.k0());
                case ROW -> formula.tables().get(op.a()).entry(index / row);
                case COLUMN -> formula.tables().get(op.a()).entry(index % row);
                case BIT -> truth(formula.tables().get(op.a()).bit(index));
                case UNIFORM -> {
                    if (i == 0 || (index & 3) == 0) {
                        philox.block(index >> 2);
                    }
                    yield (philox.word(index) >>> 8) * 0x1p-24f;
                }
                default -> throw new IllegalStateException(op.op().toString());
            };
        }
    }

    private static float compute(Formula.Instruction op, float a, float b, float c, long index) {
        return switch (op.op()) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case MIN -> a < b ? a : b;
            case MAX -> a > b ? a : b;
            case ABS -> Math.abs(a);
            case NEG -> -a;
            case SQRT -> (float) Math.sqrt(a);
            case EXP -> Exponential.exp(a);
            case LOG -> Exponential.log(a);
            case GREATER -> truth(a > b);
            case GREATER_EQUAL -> truth(a >= b);
            case EQUAL -> truth(a == b);
            case SELECT -> a > 0 ? b : c;
            case LARGEST -> {
                int key = Deltas.key(a);
                yield truth(key > (int) op.k0() || key == (int) op.k0() && index < op.k1());
            }
            default -> throw new IllegalStateException(op.op().toString());
        };
    }

    private static float truth(boolean holds) {
        return holds ? 1 : 0;
    }

    private void store(Formula.Instruction op, Formula formula, FormulaResults to, long first, int n) {
        float[] values = registers[op.a()];
        if (op.target() < formula.outputs()) {
            Blocks.store(values, n, to.outputs().get(op.target()), first);
            return;
        }
        MemorySegment bits = to.bits().get(op.target() - formula.outputs());
        for (int i = 0; i < n; i++) {
            long at = first + i >> 3;
            int bit = 1 << (first + i & 7);
            int old = bits.get(Blocks.BYTE, at);
            bits.set(Blocks.BYTE, at, (byte) (values[i] > 0 ? old | bit : old & ~bit));
        }
    }

    private void reduce(Formula.Instruction op, int n, double[] group) {
        float[] a = registers[op.a()];
        float[] b = registers[op.b()];
        for (int i = 0; i < n; i++) {
            switch (op.op()) {
                case SUM -> group[i % LANES] += a[i];
                case SUM_PRODUCT -> group[i % LANES] += (double) a[i] * b[i];
                default -> group[0] = a[i] > group[0] ? a[i] : group[0];
            }
        }
    }
}
