// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads method parameters: numbers, gradients and conditions (mergekit.md 1.3), and names. Whether the method wants a number or
 * a name is not known here, so text that can be no number is taken for a name.
 */
final class SettingReader {
    private final NodeReader nodes;

    SettingReader(NodeReader nodes) {
        this.nodes = nodes;
    }

    ParameterMap parameters(Optional<YamlNode> node) {
        if (node.isEmpty()) {
            return ParameterMap.EMPTY;
        }
        Map<String, Setting> settings = new LinkedHashMap<>();
        Map<String, Position> positions = new LinkedHashMap<>();
        for (YamlNode.Entry entry : nodes.entries(node.get(), "'parameters'")) {
            String name = entry.key().text();
            settings.put(name, setting(entry.value(), Quote.of(name)));
            positions.put(name, entry.key().position());
        }
        return new ParameterMap(settings, positions);
    }

    private Setting setting(YamlNode node, String what) {
        return switch (node) {
            case YamlNode.Scalar scalar -> scalar(scalar, what);
            case YamlNode.Mapping mapping -> conditional(mapping, what);
            case YamlNode.Sequence list when list.items().stream().anyMatch(YamlNode.Mapping.class::isInstance) ->
                    firstMatch(list, what);
            case YamlNode.Sequence list -> gradient(list, what);
        };
    }

    private Setting.Value scalar(YamlNode node, String what) {
        return node instanceof YamlNode.Scalar scalar && scalar.isName()
                ? new Setting.Name(scalar.text(), node.position())
                : new Setting.Scalar(nodes.number(node, what), node.position());
    }

    private Setting.Gradient gradient(YamlNode.Sequence list, String what) {
        if (list.items().isEmpty()) {
            throw list.position().error(what + " is an empty list", "write a number, or a list of numbers");
        }
        List<Double> values = new ArrayList<>();
        for (YamlNode item : list.items()) {
            if (item instanceof YamlNode.Scalar scalar && scalar.isName()) {
                throw item.position().error(
                        "each item of " + what + " must be a number, found " + item.words(),
                        "between names there is nothing; write numbers, or {filter: ..., value: ...} items");
            }
            values.add(nodes.number(item, "each item of " + what));
        }
        return new Setting.Gradient(values, list.position());
    }

    private Setting.FirstMatch firstMatch(YamlNode.Sequence list, String what) {
        List<Setting.Conditional> conditions = new ArrayList<>();
        for (YamlNode item : list.items()) {
            if (!(item instanceof YamlNode.Mapping)) {
                throw item.position().error(
                        what + " mixes values with conditions, found " + item.words(),
                        "write either values or {filter: ..., value: ...} items; one without filter is for the rest");
            }
            if (!conditions.isEmpty() && conditions.getLast().acceptsAll()) {
                nodes.warn("this condition of " + what + " never counts, because the one before accepts every tensor",
                        item.position());
            }
            conditions.add(conditional(item, what));
        }
        return new Setting.FirstMatch(conditions, list.position());
    }

    private Setting.Conditional conditional(YamlNode node, String what) {
        NodeReader.Fields fields = nodes.fields(node, "a condition of " + what, "filter", "value");
        YamlNode value = fields.require("value", "write {filter: ..., value: ...}");
        Optional<String> filter = fields.get("filter").map(text -> nodes.text(text, "'filter'"));
        return new Setting.Conditional(filter, value(value, what), fields.position());
    }

    private Setting.Value value(YamlNode node, String what) {
        return node instanceof YamlNode.Sequence list ? gradient(list, what) : scalar(node, what);
    }
}
