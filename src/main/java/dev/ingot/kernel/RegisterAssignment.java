// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kernel;

import dev.ingot.kernel.FormulaBuilder.Node;
import dev.ingot.kernel.FormulaBuilder.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Gives the values of a formula registers, each from where it is computed to its last use. */
final class RegisterAssignment {
    private final List<Node> nodes;
    private final int[] lastUse;
    private final int[] register;
    private final Deque<Integer> free = new ArrayDeque<>();

    RegisterAssignment(List<Node> nodes) {
        this.nodes = nodes;
        this.lastUse = lastUses(nodes);
        this.register = new int[nodes.size()];
        for (int i = 0; i < Formula.REGISTERS; i++) {
            free.add(i);
        }
    }

    /**
     * The instructions, or empty if there are too few registers.
     *
     * @param outputs how many outputs come before those of bits
     */
    Optional<List<Formula.Instruction>> code(int outputs) {
        List<Formula.Instruction> code = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            if (lastUse[i] < 0) {
                continue;
            }
            Node node = nodes.get(i);
            int[] operands = node.operands().stream().mapToInt(value -> register[value.index()]).toArray();
            release(node, i);
            if (node.op().leaves()) {
                boolean bits = node.source() > FormulaBuilder.BITS / 2;
                register[i] = bits ? outputs + FormulaBuilder.BITS - node.source() : node.source();
            } else if (free.isEmpty()) {
                return Optional.empty();
            } else {
                register[i] = free.pop();
            }
            code.add(new Formula.Instruction(
                    node.op(),
                    register[i],
                    node.op().arity() > 0 ? operands[0] : node.source(),
                    operands.length > 1 ? operands[1] : 0,
                    operands.length > 2 ? operands[2] : 0,
                    node.k0(),
                    node.k1()));
        }
        return Optional.of(code);
    }

    /** Frees the registers of operands that are used for the last time. */
    private void release(Node node, int index) {
        node.operands().stream()
                .mapToInt(Value::index)
                .distinct()
                .filter(operand -> lastUse[operand] == index)
                .forEach(operand -> free.push(register[operand]));
    }

    /** For each node the node that uses it last; -1 where none does. */
    private static int[] lastUses(List<Node> nodes) {
        int[] last = new int[nodes.size()];
        Arrays.fill(last, -1);
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (nodes.get(i).op().leaves()) {
                last[i] = i;
            }
            if (last[i] >= 0) {
                for (Value operand : nodes.get(i).operands()) {
                    last[operand.index()] = Math.max(last[operand.index()], i);
                }
            }
        }
        return last;
    }
}
