// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the names of a model's tensors and the keys of its config.json mean: from the description of its family, or inferred
 * from the names. Immutable, thread-safe.
 */
public final class Architecture {
    private final Family family;
    private final CommonFacts common;
    private final boolean described;

    Architecture(Family family, CommonFacts common, boolean described) {
        this.family = family;
        this.common = common;
        this.described = described;
    }

    /** Name of the family, or {@code inferred}. */
    public String name() {
        return family.name();
    }

    /** Whether there is a description; otherwise all is told from names. */
    public boolean isDescribed() {
        return described;
    }

    /** The modules, at least one. */
    public List<ModelModule> modules() {
        return family.modules();
    }

    /** The module of a name. */
    public Optional<ModelModule> module(String name) {
        return modules().stream().filter(module -> module.name().equals(name)).findFirst();
    }

    /** The name that descriptions use for a tensor; checkpoints of one model may spell names in several ways. */
    public String canonical(String tensorName) {
        return family.canonical(tensorName);
    }

    /** Where a tensor belongs. Any name belongs somewhere. */
    public Place place(String tensorName) {
        String name = canonical(tensorName);
        Optional<LayerName> canonicalLayer = LayerName.parse(name);
        for (ModelModule module : modules()) {
            if (canonicalLayer.filter(layer -> module.layers().filter(layer.prefix()::equals).isPresent()).isPresent()) {
                Role role = isBuffer(name) ? Role.BUFFER : Role.LAYER;
                return new Place(module, role, LayerName.parse(tensorName));
            }
        }
        return new Place(outside(name), role(name), Optional.empty());
    }

    /** The module whose claim to a name outside of layers is the longest, else the one that takes the rest. */
    private ModelModule outside(String name) {
        ModelModule found = null;
        int longest = -1;
        for (ModelModule module : modules()) {
            int claim = module.tensors().isEmpty() ? 0 : -1;
            for (String prefix : module.tensors()) {
                claim = name.startsWith(prefix) ? Math.max(claim, prefix.length()) : claim;
            }
            if (claim > longest) {
                found = module;
                longest = claim;
            }
        }
        return found == null ? modules().getFirst() : found;
    }

    private Role role(String name) {
        if (isBuffer(name)) {
            return Role.BUFFER;
        } else if (isListed(name, family.embeddings(), common.embeddings())) {
            return Role.EMBEDDING;
        } else if (isListed(name, family.heads(), common.heads())) {
            return Role.HEAD;
        } else if (family.inputs().stream().anyMatch(input -> input.endsWith(".") ? name.startsWith(input) : name.equals(input))
                || Arrays.stream(name.split("\\.")).anyMatch(common.inputComponents()::contains)) {
            return Role.INPUT;
        }
        return Role.OUTPUT;
    }

    private boolean isListed(String name, Set<String> own, List<String> usual) {
        return described ? own.contains(name) : CommonFacts.endsWithOne(name, usual);
    }

    private boolean isBuffer(String name) {
        return CommonFacts.endsWithOne(name, common.buffers()) || CommonFacts.endsWithOne(name, family.buffers());
    }

    /** Tensors with two names. */
    public List<Tie> ties() {
        return family.ties();
    }

    /** Whether some models of the family lack this tensor. */
    public boolean isOptional(String tensorName) {
        return CommonFacts.endsWithOne(canonical(tensorName), family.optional());
    }

    /** Whether layer 0 alone has this tensor, given what stands behind the layer number. */
    public boolean isOfFirstLayer(String suffix) {
        return family.firstLayer().contains(suffix);
    }

    /** How the type of a layer follows from its number where the config.json of that model type does not list the types. */
    public Optional<LayerTypes> layerTypes(String modelType) {
        return Optional.ofNullable(family.layerTypes().get(modelType));
    }

    /** Names of keys, beside the number of layers, that hold a list with one value per layer. */
    public List<String> perLayerKeys() {
        return common.perLayerKeys();
    }

    /** Names of keys, beside the number of layers, that hold a list of layer numbers. */
    public List<String> layerIndexKeys() {
        return common.layerIndexKeys();
    }

    /** Names of keys, beside the number of layers, that hold how many of the first layers differ from the rest. */
    public List<String> leadingLayerKeys() {
        return common.leadingKeys();
    }

    /** Names of keys, beside the number of layers, that hold how many layers follow the last one. */
    public List<String> extraLayerKeys() {
        return common.extraLayerKeys();
    }

    /** Keys of config.json that say whether heads are tied. */
    public List<String> tieKeys() {
        return common.tieKeys();
    }
}
