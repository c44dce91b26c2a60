// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.config.ModelReference.Lora;
import java.util.Optional;

/** Reads model references, as text or as a mapping (mergekit.md 1.2). */
final class ModelReader {
    private final NodeReader nodes;

    ModelReader(NodeReader nodes) {
        this.nodes = nodes;
    }

    ModelReference model(YamlNode node, String what) {
        if (node instanceof YamlNode.Scalar) {
            return ModelReference.parse(nodes.name(node, what), node.position());
        }
        NodeReader.Fields fields = nodes.fields(node, what, "model", "lora", "override_architecture");
        Lora model = part(fields.require("model", "write {model: PATH} or {model: {path: PATH}}"), "'model'");
        return new ModelReference(
                model.path(),
                model.revision(),
                fields.get("lora").map(lora -> part(lora, "'lora'")),
                fields.get("override_architecture").map(name -> nodes.name(name, "'override_architecture'")));
    }

    /** Text is split at '@' only; the mapping takes path and revision as they are. */
    private Lora part(YamlNode node, String what) {
        if (node instanceof YamlNode.Scalar) {
            String text = nodes.name(node, what);
            return ModelReference.parsePart(text, text, node.position());
        }
        NodeReader.Fields fields = nodes.fields(node, what, "path", "revision");
        String path = nodes.name(fields.require("path", "write {path: PATH}"), "'path'");
        Optional<String> revision = fields.get("revision").map(text -> nodes.name(text, "'revision'"));
        return new Lora(path, revision);
    }
}
