// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Writes formulas: each call computes a value from earlier ones, and registers are assigned when the formula is built.
 * Values that are not used do not cost anything. Not thread-safe; serves for one formula.
 */
public final class FormulaBuilder {
    /** Outputs of bits count down from here until the number of the others is known. */
    static final int BITS = Integer.MAX_VALUE;

    /** Constants that are used as often as this are worth a register. */
    private static final int OFTEN = 3;

    private final List<Node> nodes = new ArrayList<>();
    private final List<Formula.Reduction> results = new ArrayList<>();
    private final List<Table> tables = new ArrayList<>();
    private final boolean hasBase;
    private final long rowLength;
    private int outputs;
    private int bits;

    /** A value of the formula, for the builder that made it. */
    public record Value(int index) {}

    record Node(FormulaOp op, int source, List<Value> operands, long k0, long k1) {}

    /**
     * @param hasBase   whether tiles have a base
     * @param rowLength elements of a row, or 0 if rows do not matter
     */
    public FormulaBuilder(boolean hasBase, long rowLength) {
        this.hasBase = hasBase;
        this.rowLength = rowLength;
    }

    /** The base's element. */
    public Value base() {
        if (!hasBase) {
            throw new IllegalStateException("the tiles of this formula have no base");
        }
        return add(FormulaOp.INPUT, 0, List.of(), 0, 0);
    }

    /** A model's element. Asking again reads again, which is cheap and saves registers. */
    public Value model(int model) {
        return add(FormulaOp.INPUT, model + (hasBase ? 1 : 0), List.of(), 0, 0);
    }

    /** Model minus base. */
    public Value delta(int model) {
        return sub(model(model), base());
    }

    /** A number, rounded to float32. */
    public Value constant(double number) {
        return add(FormulaOp.CONSTANT, 0, List.of(), Float.floatToRawIntBits((float) number), 0);
    }

    /** The entry of the element's row. */
    public Value row(Table table) {
        return add(FormulaOp.ROW, number(table), List.of(), 0, 0);
    }

    /** The entry of the element's column. */
    public Value column(Table table) {
        return add(FormulaOp.COLUMN, number(table), List.of(), 0, 0);
    }

    /** 1 where the element's bit is set. */
    public Value bit(Table table) {
        return add(FormulaOp.BIT, number(table), List.of(), 0, 0);
    }

    /** a + b. */
    public Value add(Value a, Value b) {
        return add(FormulaOp.ADD, 0, List.of(a, b), 0, 0);
    }

    /** a - b. */
    public Value sub(Value a, Value b) {
        return add(FormulaOp.SUB, 0, List.of(a, b), 0, 0);
    }

    /** a b; a logical and of truth values. */
    public Value mul(Value a, Value b) {
        return add(FormulaOp.MUL, 0, List.of(a, b), 0, 0);
    }

    /** a times a number. */
    public Value mul(double factor, Value a) {
        return mul(constant(factor), a);
    }

    /** a / b. */
    public Value div(Value a, Value b) {
        return add(FormulaOp.DIV, 0, List.of(a, b), 0, 0);
    }

    /** a if a &lt; b, otherwise b. */
    public Value min(Value a, Value b) {
        return add(FormulaOp.MIN, 0, List.of(a, b), 0, 0);
    }

    /** a if a &gt; b, otherwise b; a logical or of truth values. */
    public Value max(Value a, Value b) {
        return add(FormulaOp.MAX, 0, List.of(a, b), 0, 0);
    }

    /** |a|. */
    public Value abs(Value a) {
        return add(FormulaOp.ABS, 0, List.of(a), 0, 0);
    }

    /** -a. */
    public Value neg(Value a) {
        return add(FormulaOp.NEG, 0, List.of(a), 0, 0);
    }

    /** Square root. */
    public Value sqrt(Value a) {
        return add(FormulaOp.SQRT, 0, List.of(a), 0, 0);
    }

    /** Exponential. */
    public Value exp(Value a) {
        return add(FormulaOp.EXP, 0, List.of(a), 0, 0);
    }

    /** Natural logarithm. */
    public Value log(Value a) {
        return add(FormulaOp.LOG, 0, List.of(a), 0, 0);
    }

    /** 1 where a &gt; b. */
    public Value greater(Value a, Value b) {
        return add(FormulaOp.GREATER, 0, List.of(a, b), 0, 0);
    }

    /** 1 where a &gt;= b. */
    public Value greaterEqual(Value a, Value b) {
        return add(FormulaOp.GREATER_EQUAL, 0, List.of(a, b), 0, 0);
    }

    /** 1 where a = b. */
    public Value equal(Value a, Value b) {
        return add(FormulaOp.EQUAL, 0, List.of(a, b), 0, 0);
    }

    /** yes where the condition is above 0, otherwise no. */
    public Value select(Value condition, Value yes, Value no) {
        return add(FormulaOp.SELECT, 0, List.of(condition, yes, no), 0, 0);
    }

    /** 1 where the mask keeps an element of this value. */
    public Value largest(Mask.Magnitude mask, Value a) {
        return add(FormulaOp.LARGEST, 0, List.of(a), mask.threshold(), mask.tieCut());
    }

    /** A uniform random number in [0, 1). */
    public Value uniform(long key) {
        return add(FormulaOp.UNIFORM, 0, List.of(), key, 0);
    }

    /** Makes the value the next output. */
    public FormulaBuilder output(Value value) {
        add(FormulaOp.STORE, outputs++, List.of(value), 0, 0);
        return this;
    }

    /** Makes the value's sign the next output of bits. */
    public FormulaBuilder bits(Value value) {
        add(FormulaOp.STORE, BITS - bits++, List.of(value), 0, 0);
        return this;
    }

    /** Makes the value's float64 sum the next result. */
    public FormulaBuilder sum(Value value) {
        return result(FormulaOp.SUM, Formula.Reduction.SUM, List.of(value));
    }

    /** Makes the float64 sum of exact products the next result. */
    public FormulaBuilder sumOfProducts(Value a, Value b) {
        return result(FormulaOp.SUM_PRODUCT, Formula.Reduction.SUM, List.of(a, b));
    }

    /** Makes the largest value the next result. */
    public FormulaBuilder supremum(Value value) {
        return result(FormulaOp.SUP, Formula.Reduction.SUP, List.of(value));
    }

    private FormulaBuilder result(FormulaOp op, Formula.Reduction reduction, List<Value> values) {
        results.add(reduction);
        add(op, results.size() - 1, values, 0, 0);
        return this;
    }

    /**
     * The formula. Values that are computed twice alike are computed once, as far as registers allow.
     *
     * @throws IllegalStateException if it needs more than {@value Formula#REGISTERS} registers
     */
    public Formula build() {
        Map<Node, Integer> uses = new HashMap<>();
        nodes.forEach(node -> uses.merge(node, 1, Integer::sum));
        List<Predicate<Node>> sharing = List.of(
                node -> true,
                node -> node.op() == FormulaOp.INPUT && node.source() == 0
                        || node.op() == FormulaOp.CONSTANT && uses.get(node) >= OFTEN,
                node -> false);
        return sharing.stream()
                .map(shared -> new RegisterAssignment(shared(shared)).code(outputs))
                .flatMap(Optional::stream)
                .findFirst()
                .map(code -> new Formula(code, outputs, bits, results, tables, rowLength))
                .orElseThrow(() ->
                        new IllegalStateException("a formula needs more than " + Formula.REGISTERS + " registers"));
    }

    /** The nodes without repetitions of those that may be shared. */
    private List<Node> shared(Predicate<Node> mayBe) {
        List<Node> kept = new ArrayList<>();
        Map<Node, Value> known = new HashMap<>();
        List<Value> place = new ArrayList<>();
        for (Node node : nodes) {
            List<Value> operands = node.operands().stream().map(value -> place.get(value.index())).toList();
            Node moved = new Node(node.op(), node.source(), operands, node.k0(), node.k1());
            Value earlier = !node.op().leaves() && mayBe.test(node) ? known.get(moved) : null;
            if (earlier == null) {
                kept.add(moved);
                earlier = new Value(kept.size() - 1);
                known.put(moved, earlier);
            }
            place.add(earlier);
        }
        return kept;
    }

    private Value add(FormulaOp op, int source, List<Value> operands, long k0, long k1) {
        nodes.add(new Node(op, source, operands, k0, k1));
        return new Value(nodes.size() - 1);
    }

    private int number(Table table) {
        int known = tables.indexOf(table);
        if (known >= 0) {
            return known;
        }
        tables.add(table);
        return tables.size() - 1;
    }
}
