// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Refuses a model that is listed twice, which mergekit would silently count once (mergekit.md, trap 14). */
final class Repeated {
    private Repeated() {}

    static void refuse(List<? extends ModelParameters> entries, String where) {
        Map<ModelReference, Position> seen = new HashMap<>();
        for (ModelParameters entry : entries) {
            Position first = seen.putIfAbsent(entry.model(), entry.position());
            if (first != null) {
                String before = first.line() == 0
                        ? "" : ", first at line " + first.line() + " column " + first.column();
                throw entry.position().error(
                        "model " + Quote.of(entry.model().toString()) + " is listed twice " + where + before,
                        "list it once, with the sum of the weights if both were meant to count");
            }
        }
    }
}
