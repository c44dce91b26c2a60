// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reads models, slices and modules (mergekit.md 1.1, 1.7). */
final class LayoutReader {
    private static final String ENTRY_HINT = "write '- model: PATH'";

    private final NodeReader nodes;
    private final ModelReader models;
    private final SettingReader settings;

    LayoutReader(NodeReader nodes, ModelReader models, SettingReader settings) {
        this.nodes = nodes;
        this.models = models;
        this.settings = settings;
    }

    /** The one layout of a configuration; empty lists count as absent. */
    Layout layout(NodeReader.Fields fields) {
        List<String> present = present(fields, "models", "slices", "modules");
        refuseAllButOne(fields, present, "models, slices and modules");
        YamlNode node = fields.get(present.getFirst()).orElseThrow();
        return present.getFirst().equals("modules") ? modules(node) : ofModule(present.getFirst(), node);
    }

    private Layout.OfModule ofModule(String key, YamlNode node) {
        return key.equals("models") ? new Layout.Models(models(node)) : new Layout.Slices(slices(node));
    }

    private static List<String> present(NodeReader.Fields fields, String... keys) {
        List<String> present = new ArrayList<>();
        for (String key : keys) {
            Optional<YamlNode> node = fields.get(key);
            if (node.isPresent() && !isEmpty(node.get())) {
                present.add(key);
            }
        }
        return present;
    }

    private static boolean isEmpty(YamlNode node) {
        return node instanceof YamlNode.Sequence list && list.items().isEmpty()
                || node instanceof YamlNode.Mapping mapping && mapping.entries().isEmpty();
    }

    private static void refuseAllButOne(NodeReader.Fields fields, List<String> present, String choice) {
        if (present.isEmpty()) {
            throw fields.position().error("none of " + choice + " is given", "give exactly one of them");
        }
        if (present.size() > 1) {
            throw fields.positionOf(present.get(1)).error(
                    "'" + present.get(1) + "' cannot be given together with '" + present.getFirst() + "'",
                    "give exactly one of " + choice);
        }
    }

    private List<InputModel> models(YamlNode node) {
        List<InputModel> entries = new ArrayList<>();
        for (YamlNode item : nodes.list(node, "'models'")) {
            refuseLayerRange(item);
            NodeReader.Fields fields = nodes.fields(item, "an item of 'models'", keys("model", "parameters"));
            ModelReference model = models.model(fields.require("model", ENTRY_HINT), "'model'");
            entries.add(new InputModel(
                    model, settings.parameters(fields.get("parameters")), companions(fields), fields.position()));
        }
        return entries;
    }

    /** mergekit ignores it there, so the merge would not be what the file says. */
    private static void refuseLayerRange(YamlNode item) {
        if (item instanceof YamlNode.Mapping mapping && mapping.entries().containsKey("layer_range")) {
            throw mapping.entries().get("layer_range").key().position().error(
                    "'layer_range' has no meaning under 'models', where all layers take part",
                    "use 'slices' with 'sources', or remove it");
        }
    }

    private List<OutputSlice> slices(YamlNode node) {
        List<OutputSlice> slices = new ArrayList<>();
        for (YamlNode item : nodes.list(node, "'slices'")) {
            NodeReader.Fields fields = nodes.fields(
                    item, "an item of 'slices'", "sources", "base_model", "residual_weight", "parameters");
            fields.get("residual_weight").ifPresent(weight -> {
                nodes.number(weight, "'residual_weight'");
                nodes.warn("'residual_weight' has no effect, as in mergekit", weight.position());
            });
            List<InputSource> sources = new ArrayList<>();
            YamlNode list = fields.require("sources", "list the models of the slice under 'sources'");
            nodes.list(list, "'sources'").forEach(source -> sources.add(source(source)));
            slices.add(new OutputSlice(
                    sources,
                    settings.parameters(fields.get("parameters")),
                    fields.get("base_model").map(model -> models.model(model, "'base_model'")),
                    fields.position()));
        }
        return slices;
    }

    private InputSource source(YamlNode item) {
        NodeReader.Fields fields =
                nodes.fields(item, "an item of 'sources'", keys("model", "layer_range", "parameters"));
        ModelReference model = models.model(fields.require("model", ENTRY_HINT), "'model'");
        LayerRange range = layerRange(fields.require("layer_range", "write layer_range: [start, end]"));
        return new InputSource(
                model, range, settings.parameters(fields.get("parameters")), companions(fields), fields.position());
    }

    /** The keys of a model's entry, those of companions last. */
    private static String[] keys(String... own) {
        return Stream.concat(Stream.of(own), Stream.of(Companion.values()).map(Companion::key)).toArray(String[]::new);
    }

    private Map<Companion, CompanionInput> companions(NodeReader.Fields fields) {
        Map<Companion, CompanionInput> companions = new EnumMap<>(Companion.class);
        for (Companion companion : Companion.values()) {
            String key = companion.key();
            fields.get(key).ifPresent(node -> companions.put(
                    companion, new CompanionInput(models.model(node, Quote.of(key)), fields.positionOf(key))));
        }
        return companions;
    }

    private LayerRange layerRange(YamlNode node) {
        List<YamlNode> items = nodes.list(node, "'layer_range'");
        if (items.size() != 2) {
            throw node.position().error(
                    "'layer_range' must be two integers, found " + items.size() + " items",
                    "write layer_range: [start, end]; the end is not included");
        }
        return new LayerRange(
                nodes.integer(items.get(0), "the start of 'layer_range'"),
                nodes.integer(items.get(1), "the end of 'layer_range'"),
                node.position());
    }

    private Layout.Modules modules(YamlNode node) {
        Map<String, Layout.OutputModule> modules = new LinkedHashMap<>();
        for (YamlNode.Entry entry : nodes.entries(node, "'modules'")) {
            String name = entry.key().text();
            NodeReader.Fields fields =
                    nodes.fields(entry.value(), "module " + Quote.of(name), "models", "slices", "parameters");
            List<String> present = present(fields, "models", "slices");
            refuseAllButOne(fields, present, "models and slices");
            Layout.OfModule layout = ofModule(present.getFirst(), fields.get(present.getFirst()).orElseThrow());
            modules.put(name, new Layout.OutputModule(
                    layout, settings.parameters(fields.get("parameters")), entry.key().position()));
        }
        return new Layout.Modules(modules);
    }
}
