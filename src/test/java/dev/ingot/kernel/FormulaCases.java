// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.checkpoint.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Formulas made at random: every operation, every kind of output and result, rows that do and do not end with tiles. */
final class FormulaCases {
    private static final long[] ROWS = {0, 1, 7, 64, 1000, 40000};

    record Random(List<Dtype> dtypes, boolean base, int operations, int row, int count, Values values, long seed)
            implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            SplittableRandom random = bench.random();
            long length = ROWS[row];
            // Beginning of a segment.
            long start = length == 0 ? random.nextLong(3) * Kernels.CHUNK : random.nextLong(5) * length;
            Tile tile = bench.tile(start, count, base, 3, dtypes, values);
            FormulaBuilder builder = new FormulaBuilder(base, length);
            List<FormulaBuilder.Value> known = sources(bench, builder, start + count, length);
            for (int i = 0; i < operations; i++) {
                known.add(operation(builder, known, random));
                if (known.size() > 9) {
                    known.remove(random.nextInt(known.size()));
                }
            }
            builder.output(known.getLast()).output(pick(known, random)).bits(pick(known, random));
            builder.sum(known.getLast()).sumOfProducts(pick(known, random), pick(known, random)).supremum(pick(known, random));
            Formula formula = builder.build();
            long values = Formula.segments(start, count, length) * formula.results().size();
            kernels.formula(formula, tile, new FormulaResults(
                    List.of(bench.output(dtypes.getLast(), count), bench.output(Dtype.F32, count)),
                    List.of(bench.output(Table.bitBytes(count))),
                    bench.output(values * Double.BYTES)));
            return bench.result();
        }

        private List<FormulaBuilder.Value> sources(Workbench bench, FormulaBuilder builder, long end, long length) {
            List<FormulaBuilder.Value> known = new ArrayList<>();
            known.add(base ? builder.delta(0) : builder.model(0));
            known.add(builder.model(1));
            known.add(builder.model(2));
            known.add(builder.constant(0.25));
            long rows = length == 0 ? 1 : Math.ceilDiv(end, length);
            known.add(builder.row(table(bench, rows * Float.BYTES)));
            if (length > 0) {
                known.add(builder.column(table(bench, length * Float.BYTES)));
            }
            known.add(builder.bit(table(bench, Table.bitBytes(end))));
            known.add(builder.uniform(bench.random().nextLong()));
            return known;
        }

        /** Ordinary numbers; as bits, anything. */
        private static Table table(Workbench bench, long bytes) {
            MemorySegment data = bench.memory(Math.ceilDiv(bytes, Float.BYTES) * Float.BYTES);
            for (long i = 0; i < data.byteSize(); i += Float.BYTES) {
                data.set(Blocks.FLOAT, i, (float) bench.random().nextGaussian());
            }
            return new Table(data);
        }

        private static FormulaBuilder.Value operation(
                FormulaBuilder f, List<FormulaBuilder.Value> known, SplittableRandom random) {
            FormulaBuilder.Value a = pick(known, random);
            FormulaBuilder.Value b = pick(known, random);
            return switch (random.nextInt(17)) {
                case 0 -> f.add(a, b);
                case 1 -> f.sub(a, b);
                case 2 -> f.mul(a, b);
                case 3 -> f.div(a, b);
                case 4 -> f.min(a, b);
                case 5 -> f.max(a, b);
                case 6 -> f.abs(a);
                case 7 -> f.neg(a);
                case 8 -> f.sqrt(a);
                case 9 -> f.exp(a);
                case 10 -> f.log(a);
                case 11 -> f.greater(a, b);
                case 12 -> f.greaterEqual(a, b);
                case 13 -> f.equal(a, b);
                case 14 -> f.select(a, b, pick(known, random));
                case 15 -> f.mul(1.5, a);
                default -> f.largest(new Mask.Magnitude(0x3d000000, random.nextLong(1 << 15)), a);
            };
        }

        private static FormulaBuilder.Value pick(List<FormulaBuilder.Value> known, SplittableRandom random) {
            return known.get(random.nextInt(known.size()));
        }
    }

    record Ranks(int rowLength, int count, Values values, long seed) implements KernelCase {
        @Override
        public byte[] run(Kernels kernels, Workbench bench) {
            Operand scores = bench.input(Dtype.F32, count, values);
            kernels.rowRanks(scores, rowLength, count, bench.output(Dtype.F32, count));
            return bench.result();
        }
    }

    private FormulaCases() {}

    static List<KernelCase> ranks() {
        List<KernelCase> cases = new ArrayList<>();
        for (int size : ElementwiseCases.SIZES) {
            for (int row : new int[] {1, 5, 64, 2047, 2048, 5000, 100000}) {
                cases.add(new Ranks(row, size, Values.values()[cases.size() % Values.values().length], cases.size()));
            }
        }
        return cases;
    }

    static List<KernelCase> formula() {
        List<KernelCase> cases = new ArrayList<>();
        for (List<Dtype> dtypes : ElementwiseCases.COMBINATIONS) {
            for (int size : ElementwiseCases.SIZES) {
                for (int row = 0; row < ROWS.length; row++) {
                    int turn = cases.size();
                    if (size <= 4097 || turn % 4 == 0) {
                        Values values = Values.values()[turn % Values.values().length];
                        cases.add(new Random(dtypes, turn % 3 > 0, 1 + turn % 30, row, size, values, turn));
                    }
                }
            }
        }
        return cases;
    }
}
