// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * Reads the description of a family, a properties file with lists of words. Keys:
 *
 * <dl>
 *   <dt>{@code model-types}, {@code architectures}</dt><dd>which models it describes, by config.json
 *   <dt>{@code tied-types}</dt><dd>model types that tie their heads unless config.json says otherwise
 *   <dt>{@code modules}</dt><dd>names of the modules; {@code default} if absent
 *   <dt>{@code MODULE.tensors}, {@code MODULE.layers}, {@code MODULE.count}</dt><dd>see {@link ModelModule}
 *   <dt>{@code embeddings}, {@code heads}, {@code inputs}</dt><dd>roles of tensors outside of layers
 *   <dt>{@code tied}, {@code same}</dt><dd>{@code NAME=NAME} pairs, the first switched by config.json, the second always
 *   <dt>{@code prefix-aliases}, {@code suffix-aliases}</dt><dd>{@code OTHER=CANONICAL} beginnings and endings of names
 *   <dt>{@code first-layer}, {@code optional}, {@code buffers}</dt><dd>tensors that not every layer or model has, or that
 *       are not learned
 *   <dt>{@code layer-types}</dt><dd>{@code MODEL-TYPE KEY PERIOD USUAL LAST}, any number of times, see {@link LayerTypes}
 * </dl>
 */
final class FamilyFile {
    private final String file;
    private final Properties properties = new Properties();

    private FamilyFile(String file) {
        this.file = file;
    }

    /**
     * Reads a description.
     *
     * @param file its name, for messages; without its ending, the name of the family
     * @throws ConfigException if a key is unknown, missing or has a malformed value
     */
    static Family read(String file, Reader text) {
        FamilyFile parser = new FamilyFile(file);
        try {
            parser.properties.load(text);
        } catch (IOException e) {
            throw new UncheckedIOException("the resource " + file + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(file + ": no properties file (" + e.getMessage() + ")", "correct the escape", e);
        }
        return parser.family();
    }

    private Family family() {
        List<String> moduleNames = properties.containsKey("modules") ? words("modules") : List.of(ModelModule.DEFAULT);
        List<ModelModule> modules = moduleNames.stream().map(this::module).toList();
        List<Tie> ties = new ArrayList<>();
        pairs("tied").forEach((tensor, source) -> ties.add(new Tie(tensor, source, false)));
        pairs("same").forEach((tensor, source) -> ties.add(new Tie(tensor, source, true)));
        Family family = new Family(
                file.replaceFirst("\\.properties$", ""),
                set("model-types"),
                set("architectures"),
                set("tied-types"),
                modules,
                set("embeddings"),
                set("heads"),
                words("inputs"),
                List.copyOf(ties),
                pairs("prefix-aliases"),
                pairs("suffix-aliases"),
                set("first-layer"),
                words("optional"),
                words("buffers"),
                layerTypes());
        properties.stringPropertyNames().stream().sorted().findFirst().ifPresent(key -> {
            throw error("unknown key '" + key + "'", "see the keys in FamilyFile");
        });
        if (family.modelTypes().isEmpty() && family.architectures().isEmpty()) {
            throw error("neither model-types nor architectures", "say which models are described");
        }
        if (!family.modelTypes().containsAll(family.tiedTypes())) {
            throw error("tied-types has words that model-types lacks", "list them there too");
        }
        return family;
    }

    private ModelModule module(String name) {
        List<String> layers = words(name + ".layers");
        if (layers.size() > 1) {
            throw error("'" + name + ".layers' has " + layers.size() + " words", "name one, and the others as prefix-aliases");
        }
        List<String> count = words(name + ".count");
        if (layers.isEmpty() != count.isEmpty()) {
            throw error("module '" + name + "' needs both layers and count, or neither", "add the key that is missing");
        }
        return new ModelModule(name, words(name + ".tensors"), layers.stream().findFirst(), count);
    }

    private Map<String, LayerTypes> layerTypes() {
        List<String> words = words("layer-types");
        Map<String, LayerTypes> types = new LinkedHashMap<>();
        for (int i = 0; i < words.size(); i += 5) {
            if (i + 5 > words.size() || !words.get(i + 2).matches("[1-9]\\d{0,5}")) {
                throw error(
                        "'layer-types' is not MODEL-TYPE KEY PERIOD USUAL LAST from '" + words.get(i) + "' on",
                        "give five words per model type, the third a number");
            }
            long period = Long.parseLong(words.get(i + 2));
            types.put(words.get(i), new LayerTypes(words.get(i + 1), period, words.get(i + 3), words.get(i + 4)));
        }
        return Collections.unmodifiableMap(types);
    }

    private Map<String, String> pairs(String key) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String word : words(key)) {
            int middle = word.indexOf('=');
            if (middle < 1) {
                throw error("'" + key + "' has '" + word + "', which is no pair", "write NAME=NAME");
            }
            if (pairs.put(word.substring(0, middle), word.substring(middle + 1)) != null) {
                throw error("'" + key + "' has two pairs of '" + word.substring(0, middle) + "'", "keep one");
            }
        }
        return Collections.unmodifiableMap(pairs);
    }

    private Set<String> set(String key) {
        Set<String> set = new LinkedHashSet<>();
        for (String word : words(key)) {
            if (!set.add(word)) {
                throw error("'" + key + "' has '" + word + "' twice", "keep one");
            }
        }
        return Collections.unmodifiableSet(set);
    }

    /** Takes a key's words, so that what is left over is unknown. */
    private List<String> words(String key) {
        String value = (String) properties.remove(key);
        return value == null || value.isBlank() ? List.of() : List.of(value.strip().split("\\s+"));
    }

    private ConfigException error(String what, String hint) {
        return new ConfigException(file + ": " + what, hint);
    }
}
