// SPDX-License-Identifier: Apache-2.0
package dev.ingot.cli;

import dev.ingot.MethodInfo;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The methods as a table in Markdown. */
final class MethodTable {
    private MethodTable() {}

    static List<String> lines(List<MethodInfo> methods) {
        return Stream.concat(
                        Stream.of(
                                "| method | what it does | base model | models | parameters |", "|---|---|---|---|---|"),
                        methods.stream().map(MethodTable::line))
                .toList();
    }

    private static String line(MethodInfo method) {
        String name = "`" + method.name() + "`";
        return "| "
                + String.join(
                        " | ",
                        method.paper().map(paper -> "[" + name + "](" + paper.link() + ")").orElse(name),
                        method.summary(),
                        switch (method.base()) {
                            case REQUIRED -> "required";
                            case OPTIONAL -> "optional";
                            case UNUSED -> "none";
                        },
                        models(method),
                        method.parameters().stream().map(MethodTable::parameter).collect(Collectors.joining(", ")))
                + " |";
    }

    /** How many models the method takes besides a base that is not merged itself. */
    static String models(MethodInfo method) {
        int least = method.minModels();
        return method.maxModels().isEmpty()
                ? least + " or more"
                : method.maxModels().getAsInt() == least
                        ? Integer.toString(least)
                        : least + " to " + method.maxModels().getAsInt();
    }

    private static String parameter(MethodInfo.Parameter parameter) {
        String required = parameter.required() ? " (required)" : "";
        return "`" + parameter.name() + "`"
                + parameter.defaultValue().map(value -> " (" + value + others(parameter, value) + ")").orElse(required);
    }

    /** What a choice can be besides its default. */
    private static String others(MethodInfo.Parameter parameter, String byDefault) {
        return parameter.choices().stream()
                .filter(choice -> !choice.equals(byDefault))
                .map(choice -> ", or " + choice)
                .collect(Collectors.joining());
    }
}
