// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MethodInfo;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The methods that are put together from choices, as a table in Markdown. What can be set is in bold type. */
final class CompositionTable {
    private CompositionTable() {}

    static List<String> lines(List<MethodInfo> methods) {
        List<MethodInfo> composed =
                methods.stream().filter(method -> !method.composition().isEmpty()).toList();
        if (composed.isEmpty()) {
            return List.of();
        }
        List<String> choices = List.copyOf(composed.getFirst().composition().keySet());
        String heads = choices.stream().map(choice -> " `" + choice + "` |").collect(Collectors.joining());
        return Stream.concat(
                        Stream.of("| method |" + heads, "|---|" + "---|".repeat(choices.size())),
                        composed.stream().map(method -> line(method, choices)))
                .toList();
    }

    private static String line(MethodInfo method, List<String> choices) {
        String cells = choices.stream()
                .map(choice -> {
                    String value = method.composition().get(choice);
                    boolean offered = method.parameters().stream().anyMatch(parameter -> parameter.name().equals(choice));
                    return offered ? " **" + value + "** |" : " " + value + " |";
                })
                .collect(Collectors.joining());
        return "| `" + method.name() + "` |" + cells;
    }
}
