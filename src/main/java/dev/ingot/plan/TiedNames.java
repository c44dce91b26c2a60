// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.arch.Tie;
import dev.ingot.config.ModelReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which of two names of one tensor the output stores.
 *
 * <p>A head is left out if the embedding of the output stands in for it: both are made of the same models, and none of them
 * has a head of its own. Otherwise it is written, also where each model ties it: a stack that begins with one model and ends
 * with another cannot be tied. An embedding in another module than the head, as T5's, stands in for it whatever made it.
 *
 * @param assignments what is written
 * @param untied      whether a head is written that config.json could say is tied
 * @param tied        whether a head is left out that config.json could say is not
 * @param warnings    what the user should know
 */
record TiedNames(List<Assignment> assignments, boolean untied, boolean tied, List<String> warnings) {

    static TiedNames settle(List<Assignment> all, TensorLookup lookup) {
        Map<String, Assignment> byName = new HashMap<>();
        all.forEach(assignment -> byName.put(lookup.architecture().canonical(assignment.name()), assignment));
        List<Tie> present = lookup.architecture().ties().stream()
                .filter(tie -> byName.containsKey(tie.tensor()) && byName.containsKey(tie.source()))
                .toList();
        List<Tie> switched = present.stream().filter(tie -> !tie.always()).toList();
        // A switch ties all pairs or none.
        boolean untied = switched.stream()
                .anyMatch(tie -> mustBeWritten(tie, byName.get(tie.tensor()), byName.get(tie.source()), lookup));
        Set<String> dropped = new HashSet<>();
        for (Tie tie : present) {
            boolean written = tie.always()
                    ? mustBeWritten(tie, byName.get(tie.tensor()), byName.get(tie.source()), lookup)
                    : untied;
            if (!written) {
                dropped.add(byName.get(tie.tensor()).name());
            }
        }
        List<Assignment> left = all.stream().filter(assignment -> !dropped.contains(assignment.name())).toList();
        return new TiedNames(left, untied, !untied && !switched.isEmpty(), warnings(switched, byName, lookup));
    }

    private static boolean mustBeWritten(Tie tie, Assignment tensor, Assignment source, TensorLookup lookup) {
        boolean owned = tensor.models().stream().anyMatch(model -> lookup.owns(model, tie));
        boolean sameModule = lookup.architecture()
                .place(tensor.name())
                .module()
                .equals(lookup.architecture().place(source.name()).module());
        return owned || !tie.always() && sameModule && !tensor.models().equals(source.models());
    }

    private static List<String> warnings(List<Tie> switched, Map<String, Assignment> byName, TensorLookup lookup) {
        List<String> warnings = new ArrayList<>();
        for (Tie tie : switched) {
            for (ModelReference model : byName.get(tie.tensor()).models()) {
                if (lookup.owns(model, tie) && lookup.isTied(model, tie)) {
                    warnings.add("model " + model + ": config.json ties " + tie.tensor() + " to " + tie.source()
                            + ", but the file holds another one; the file is believed");
                }
            }
        }
        return warnings;
    }
}
