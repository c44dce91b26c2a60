// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

/** What an instruction of a {@link Formula} computes; {@code ingot.h} defines each. Truth values are 1 and 0. */
public enum FormulaOp {
    /** Element of an input. */
    INPUT,
    /** A number. */
    CONSTANT,
    /** Entry of a table for the element's row. */
    ROW,
    /** Entry of a table for the element's column. */
    COLUMN,
    /** Truth value: the element's bit in a table. */
    BIT,
    /** a + b. */
    ADD,
    /** a - b. */
    SUB,
    /** a b. */
    MUL,
    /** a / b. */
    DIV,
    /** a if a &lt; b, otherwise b. */
    MIN,
    /** a if a &gt; b, otherwise b. */
    MAX,
    /** |a|. */
    ABS,
    /** -a. */
    NEG,
    /** Square root of a. */
    SQRT,
    /** Exponential of a. */
    EXP,
    /** Natural logarithm of a. */
    LOG,
    /** Truth value a &gt; b. */
    GREATER,
    /** Truth value a &gt;= b. */
    GREATER_EQUAL,
    /** Truth value a = b. */
    EQUAL,
    /** b if a &gt; 0, otherwise c. */
    SELECT,
    /** Truth value: |a| is among the largest, as {@link Mask.Magnitude} has it. */
    LARGEST,
    /** A uniform number in [0, 1), a multiple of 2^-24, by key and flat index. */
    UNIFORM,
    /** Stores a as an output. */
    STORE,
    /** Adds a to a result. */
    SUM,
    /** Adds the exact product of a and b to a result. */
    SUM_PRODUCT,
    /** Makes a result the largest value of a; NaN is passed over. */
    SUP;

    /** Whether it leaves its value in an output or a result instead of a register. */
    boolean leaves() {
        return this == STORE || this == SUM || this == SUM_PRODUCT || this == SUP;
    }

    /** Whether it adds to a result. */
    boolean reduces() {
        return leaves() && this != STORE;
    }

    /** Whether it looks something up. */
    boolean readsTable() {
        return this == ROW || this == COLUMN || this == BIT;
    }

    /** How many registers it reads. */
    int arity() {
        return switch (this) {
            case INPUT, CONSTANT, ROW, COLUMN, BIT, UNIFORM -> 0;
            case ABS, NEG, SQRT, EXP, LOG, LARGEST, STORE, SUM, SUP -> 1;
            case SELECT -> 3;
            default -> 2;
        };
    }
}
