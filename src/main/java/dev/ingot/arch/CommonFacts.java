// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;

/**
 * What holds for any family.
 *
 * @param families         names of the data files
 * @param inputComponents  a tensor outside of layers belongs in front of them if one of these is a component of its name
 * @param embeddings       endings of the names of input embeddings, after a dot or alone
 * @param heads            endings of the names of heads, after a dot or alone
 * @param tied             heads and the embeddings that may stand in for them
 * @param buffers          endings of names of tensors that are not learned
 * @param countKeys        keys of config.json that hold the number of layers
 * @param perLayerKeys     keys beside that number that hold a list with one value per layer
 * @param layerIndexKeys   keys beside it that hold a list of layer numbers
 * @param leadingKeys      keys beside it that hold how many of the first layers differ from the rest
 * @param extraLayerKeys   keys beside it that hold the number of layers behind the last one
 * @param tieKeys          keys of config.json that say whether heads are tied
 * @param headClasses      endings of architecture names of models with a head; those of others have none
 */
record CommonFacts(
        List<String> families,
        Set<String> inputComponents,
        List<String> embeddings,
        List<String> heads,
        List<Tie> tied,
        List<String> buffers,
        List<String> countKeys,
        List<String> perLayerKeys,
        List<String> layerIndexKeys,
        List<String> leadingKeys,
        List<String> extraLayerKeys,
        List<String> tieKeys,
        List<String> headClasses) {

    static CommonFacts load() {
        Properties properties = new Properties();
        try (InputStream in = CommonFacts.class.getResourceAsStream("common.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource common.properties cannot be read", e);
        }
        List<Tie> tied = new ArrayList<>();
        for (String pair : words(properties, "tied")) {
            String[] names = pair.split("=");
            tied.add(new Tie(names[0], names[1], false));
        }
        return new CommonFacts(
                words(properties, "families"),
                Set.copyOf(words(properties, "input-components")),
                words(properties, "embeddings"),
                words(properties, "heads"),
                List.copyOf(tied),
                words(properties, "buffers"),
                words(properties, "layer-count-keys"),
                words(properties, "per-layer-keys"),
                words(properties, "layer-index-keys"),
                words(properties, "leading-layer-keys"),
                words(properties, "extra-layer-keys"),
                words(properties, "tie-keys"),
                words(properties, "head-classes"));
    }

    private static List<String> words(Properties properties, String key) {
        return Arrays.asList(properties.getProperty(key).strip().split("\\s+"));
    }

    /** Whether a name is one of these, or ends with one after a dot. */
    static boolean endsWithOne(String name, List<String> endings) {
        for (String ending : endings) {
            int start = name.length() - ending.length();
            if (name.endsWith(ending) && (start == 0 || name.charAt(start - 1) == '.')) {
                return true;
            }
        }
        return false;
    }
}
