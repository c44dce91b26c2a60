// SPDX-License-Identifier: Apache-2.0
package dev.ingot.method;

/** Where a merged task vector starts before it is improved. */
enum Start {
    SUM,
    MEAN,
    ZERO;

    private static final String NAME = "start";

    /** The parameter with this default. */
    Parameter parameter() {
        return Parameter.choice(
                NAME,
                Parameter.Level.GLOBAL,
                Start.class,
                this,
                "where the merged task vector starts: sum or mean of the task vectors, or zero");
    }

    static Start of(ParameterValues values) {
        return values.choice(NAME, Start.class);
    }

    /** What the sum of the task vectors is multiplied by. */
    double share(int models) {
        return switch (this) {
            case SUM -> 1;
            case MEAN -> 1.0 / models;
            case ZERO -> 0;
        };
    }
}
