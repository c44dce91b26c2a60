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

/** Knowledge that holds for any architecture whose tensors are named in the usual way. Immutable. */
public final class Architecture {
    private final Set<String> inputComponents;
    private final List<TiedHead> tiedHeads;
    private final List<String> layerCountKeys;
    private final List<String> tokenMatrices;

    /**
     * An output head that may be left out of a checkpoint because the input embedding stands in for it.
     *
     * @param head      name of the head's weight
     * @param embedding name of the embedding's weight
     */
    public record TiedHead(String head, String embedding) {}

    private Architecture(Properties properties) {
        inputComponents = Set.of(words(properties, "input-components"));
        layerCountKeys = List.of(words(properties, "layer-count-keys"));
        tokenMatrices = List.of(words(properties, "token-matrices"));
        List<TiedHead> heads = new ArrayList<>();
        for (String pair : words(properties, "tied-heads")) {
            String[] names = pair.split("=");
            heads.add(new TiedHead(names[0], names[1]));
        }
        tiedHeads = List.copyOf(heads);
    }

    /** The architecture that is told from names alone. */
    public static Architecture byNames() {
        Properties properties = new Properties();
        try (InputStream in = Architecture.class.getResourceAsStream("architecture.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource architecture.properties cannot be read", e);
        }
        return new Architecture(properties);
    }

    private static String[] words(Properties properties, String key) {
        return properties.getProperty(key).strip().split("\\s+");
    }

    /** Whether a tensor outside of layers comes before them, such as an embedding. */
    public boolean isInput(String tensorName) {
        return Arrays.stream(tensorName.split("\\.")).anyMatch(inputComponents::contains);
    }

    /** Whether a tensor has one row for each token: an input embedding, a head, or a head's bias. */
    public boolean hasTokenRows(String tensorName) {
        return tokenMatrices.stream().anyMatch(name -> tensorName.equals(name) || tensorName.endsWith("." + name));
    }

    /** Heads that may be tied. */
    public List<TiedHead> tiedHeads() {
        return tiedHeads;
    }

    /** Keys of config.json, dots between levels, that hold the number of layers. */
    public List<String> layerCountKeys() {
        return layerCountKeys;
    }
}
