// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Finds stacks of layers in names alone. A stack is a prefix with numbers from 0 without a gap, whose layers are alike: at
 * least half of the names of a layer, behind its number, occur in more than half of all its layers. The entries of an
 * {@code nn.Sequential}, such as a projector's, have gaps where activations are, or far fewer tensors each than real layers.
 */
final class StackInference {
    /** How many times more tensors per layer another stack may have. */
    private static final int SMALLEST = 4;

    private StackInference() {}

    /** Depth of each stack by prefix. A model of a single layer has the stack with most tensors. */
    static SortedMap<String, Integer> stacks(Collection<String> tensorNames) {
        SortedMap<String, Map<Integer, Set<String>>> numbered = new TreeMap<>();
        for (String name : tensorNames) {
            LayerName.parse(name).ifPresent(layer -> numbered
                    .computeIfAbsent(layer.prefix(), prefix -> new HashMap<>())
                    .computeIfAbsent(layer.layer(), number -> new HashSet<>())
                    .add(layer.suffix()));
        }
        SortedMap<String, Integer> stacks = new TreeMap<>();
        double largest = numbered.values().stream().mapToDouble(StackInference::meanTensors).max().orElse(0);
        numbered.forEach((prefix, layers) -> {
            boolean withoutGap = IntStream.range(0, layers.size()).allMatch(layers::containsKey);
            if (layers.size() > 1 && withoutGap && alike(layers) && meanTensors(layers) * SMALLEST >= largest) {
                stacks.put(prefix, layers.size());
            }
        });
        if (stacks.isEmpty()) {
            mostTensors(numbered).ifPresent(prefix ->
                    stacks.put(prefix, 1 + numbered.get(prefix).keySet().stream().mapToInt(n -> n).max().orElse(0)));
        }
        return stacks;
    }

    private static boolean alike(Map<Integer, Set<String>> layers) {
        Map<String, Integer> occurrences = new HashMap<>();
        layers.values().forEach(suffixes -> suffixes.forEach(suffix -> occurrences.merge(suffix, 1, Integer::sum)));
        long shared = occurrences.values().stream().filter(count -> 2 * count > layers.size()).count();
        return 2 * shared >= meanTensors(layers);
    }

    private static double meanTensors(Map<Integer, Set<String>> layers) {
        return layers.values().stream().mapToInt(Set::size).average().orElse(0);
    }

    private static Optional<String> mostTensors(SortedMap<String, Map<Integer, Set<String>>> numbered) {
        return numbered.keySet().stream()
                .max(Comparator.comparingInt(
                        prefix -> numbered.get(prefix).values().stream().mapToInt(Set::size).sum()));
    }
}
