// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of the models of one family. Names are canonical unless said otherwise.
 *
 * @param name          name of its data file
 * @param modelTypes    values of {@code model_type} in config.json
 * @param architectures class names in config.json, for models without a {@code model_type}
 * @param tiedTypes     those model types whose heads are tied where config.json does not say
 * @param modules       the modules, at least one
 * @param embeddings    input embeddings
 * @param heads         output heads and their biases
 * @param inputs        names, or beginnings of names that end with a dot, in front of the layers
 * @param ties          names of the same tensor
 * @param prefixAliases other beginnings of names and the canonical ones
 * @param suffixAliases other endings of names and the canonical ones
 * @param firstLayer    what layer 0 alone has, behind the layer number
 * @param optional      endings of names that some models of the family lack
 * @param buffers       endings of names of tensors that are not learned
 * @param layerTypes    how the type of a layer follows from its number, by model type
 */
record Family(
        String name,
        Set<String> modelTypes,
        Set<String> architectures,
        Set<String> tiedTypes,
        List<ModelModule> modules,
        Set<String> embeddings,
        Set<String> heads,
        List<String> inputs,
        List<Tie> ties,
        Map<String, String> prefixAliases,
        Map<String, String> suffixAliases,
        Set<String> firstLayer,
        List<String> optional,
        List<String> buffers,
        Map<String, LayerTypes> layerTypes) {

    /** The name that this data uses for a tensor. */
    String canonical(String tensorName) {
        String name = tensorName;
        for (Map.Entry<String, String> alias : suffixAliases.entrySet()) {
            if (name.endsWith(alias.getKey())) {
                name = name.substring(0, name.length() - alias.getKey().length()) + alias.getValue();
                break;
            }
        }
        String longest = "";
        for (String prefix : prefixAliases.keySet()) {
            if (prefix.length() > longest.length() && name.startsWith(prefix)) {
                longest = prefix;
            }
        }
        return longest.isEmpty() ? name : prefixAliases.get(longest) + name.substring(longest.length());
    }
}
