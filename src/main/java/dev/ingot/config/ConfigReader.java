// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.checkpoint.Dtype;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a whole configuration (mergekit.md 1.1). */
final class ConfigReader {
    private static final String[] KEYS = {
        "merge_method", "models", "slices", "modules", "base_model", "parameters", "dtype", "out_dtype",
        "tokenizer_source", "tokenizer", "chat_template", "name"
    };

    private final NodeReader nodes = new NodeReader();
    private final ModelReader models = new ModelReader(nodes);
    private final SettingReader settings = new SettingReader(nodes);
    private final TokenizerReader tokenizers = new TokenizerReader(nodes, models);
    private final LayoutReader layouts = new LayoutReader(nodes, models, settings);

    private ConfigReader() {}

    /** Reads a configuration of one or more documents, in the order in which they are written. */
    static List<MergeStage> readAll(String text, String sourceName) {
        Position whole = new Position(sourceName, 0, 0);
        List<YamlReader.Document> documents = YamlReader.readAll(text, whole);
        if (documents.isEmpty()) {
            throw whole.error("the configuration is empty", "give at least merge_method and models");
        }
        List<MergeStage> stages = new ArrayList<>();
        for (int i = 0; i < documents.size(); i++) {
            YamlNode root = documents.get(i).root();
            int end = i + 1 < documents.size() ? documents.get(i + 1).line() : Integer.MAX_VALUE;
            ConfigReader reader = new ConfigReader();
            NodeReader.Fields fields = reader.nodes.fields(root, "the configuration", KEYS);
            Optional<YamlNode> name = fields.get("name");
            String own = documents.size() == 1 ? text : lines(text, i == 0 ? 0 : documents.get(i).line(), end);
            stages.add(new MergeStage(
                    name.map(node -> reader.nodes.name(node, "'name'")),
                    reader.config(root, own, sourceName),
                    name.isPresent() ? fields.positionOf("name") : root.position()));
        }
        return stages;
    }

    /** The lines from one to before another, counted from 0. */
    private static String lines(String text, int from, int to) {
        StringBuilder part = new StringBuilder();
        text.lines().skip(from).limit((long) to - from).forEach(line -> part.append(line).append('\n'));
        return part.toString();
    }

    static MergeConfig read(String text, String sourceName) {
        YamlNode root = YamlReader.read(text, new Position(sourceName, 0, 0));
        if (root.isAbsent()) {
            throw root.position().error("the configuration is empty", "give at least merge_method and models");
        }
        return new ConfigReader().config(root, text, sourceName);
    }

    private MergeConfig config(YamlNode root, String text, String sourceName) {
        NodeReader.Fields fields = nodes.fields(root, "the configuration", KEYS);
        String method = nodes.name(fields.require("merge_method", "name a merge method"), "'merge_method'");
        Layout layout = layouts.layout(fields);
        Optional<ModelReference> base = fields.get("base_model").map(node -> models.model(node, "'base_model'"));
        ParameterMap parameters = settings.parameters(fields.get("parameters"));
        Optional<Dtype> dtype = dtype(fields, "dtype");
        Optional<Dtype> outDtype = dtype(fields, "out_dtype");
        Optional<TokenizerConfig> tokenizer = tokenizer(fields);
        Optional<String> template = fields.get("chat_template").map(node -> nodes.name(node, "'chat_template'"));
        return new MergeConfig(
                method, layout, base, parameters, dtype, outDtype, tokenizer, template,
                nodes.warnings(), new ConfigSource(sourceName, text, keys(fields)));
    }

    private Optional<Dtype> dtype(NodeReader.Fields fields, String key) {
        return fields.get(key).map(node -> TorchDtype.parse(nodes.name(node, Quote.of(key)), node.position()));
    }

    private Optional<TokenizerConfig> tokenizer(NodeReader.Fields fields) {
        Optional<YamlNode> modern = fields.get("tokenizer");
        Optional<YamlNode> legacy = fields.get("tokenizer_source");
        if (modern.isPresent() && legacy.isPresent()) {
            throw fields.positionOf("tokenizer_source").error(
                    "'tokenizer_source' cannot be given together with 'tokenizer'",
                    "write tokenizer: {source: ...} alone");
        }
        return modern.map(node -> tokenizers.modern(node, fields.positionOf("tokenizer")))
                .or(() -> legacy.map(node -> tokenizers.legacy(node, fields.positionOf("tokenizer_source"))));
    }

    private static Map<String, Position> keys(NodeReader.Fields fields) {
        Map<String, Position> keys = new LinkedHashMap<>();
        for (String key : KEYS) {
            if (fields.get(key).isPresent()) {
                keys.put(key, fields.positionOf(key));
            }
        }
        return keys;
    }
}
