// SPDX-License-Identifier: Apache-2.0
package dev.ingot.arch;

import dev.ingot.checkpoint.ModelConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Stream;

/** The families that have a description, and inference for all others. Immutable, thread-safe. */
public final class Families {
    private final CommonFacts common;
    private final List<Family> families;
    private final Map<String, Family> byType = new HashMap<>();
    private final Map<String, Family> byClass = new HashMap<>();

    private Families(CommonFacts common, List<Family> families) {
        this.common = common;
        this.families = List.copyOf(families);
        for (Family family : families) {
            family.modelTypes().forEach(type -> require(byType.put(type, family), type, family));
            family.architectures().forEach(name -> require(byClass.put(name, family), name, family));
        }
    }

    private static void require(Family other, String word, Family family) {
        if (other != null) {
            throw new IllegalStateException(word + " is in " + other.name() + " and " + family.name());
        }
    }

    /** Reads the descriptions that come with the library. */
    public static Families load() {
        CommonFacts common = CommonFacts.load();
        List<Family> families = new ArrayList<>();
        for (String name : common.families()) {
            String file = name + ".properties";
            try (InputStream in = Families.class.getResourceAsStream("families/" + file)) {
                families.add(FamilyFile.read(file, new InputStreamReader(in, StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new UncheckedIOException("the resource " + file + " cannot be read", e);
            }
        }
        return new Families(common, families);
    }

    /** Names of the described families. */
    public List<String> names() {
        return families.stream().map(Family::name).toList();
    }

    /**
     * The architecture of a model.
     *
     * @param config      its config.json, if there is one
     * @param override    an architecture name that counts instead of the one in config.json
     * @param tensorNames the names in its checkpoint; where a description finds no layers among them but inference does, the
     *                    description is taken to be of something else
     */
    public Architecture of(Optional<ModelConfig> config, Optional<String> override, Collection<String> tensorNames) {
        Optional<Family> described = described(config, override);
        SortedMap<String, Integer> stacks = StackInference.stacks(tensorNames);
        if (described.isPresent()) {
            Architecture architecture = new Architecture(described.get(), common, true);
            if (stacks.isEmpty() || tensorNames.stream().anyMatch(name -> architecture.place(name).layer().isPresent())) {
                return architecture;
            }
        }
        return new Architecture(inferred(stacks), common, false);
    }

    private Optional<Family> described(Optional<ModelConfig> config, Optional<String> override) {
        if (override.isPresent()) {
            return Optional.ofNullable(byClass.get(override.get()));
        }
        return config.flatMap(json -> json.modelType().map(byType::get).or(() -> json.architectures().stream()
                .flatMap(name -> Stream.ofNullable(byClass.get(name)))
                .findFirst()));
    }

    /**
     * Whether config.json, or what its model type does without a word there, ties the heads to the embeddings; empty if
     * neither is known.
     */
    public Optional<Boolean> tied(ModelConfig config) {
        return common.tieKeys().stream()
                .flatMap(key -> config.bool(key).stream())
                .findFirst()
                .or(() -> tiedByDefault(config));
    }

    /** Whether models of this type tie their heads where config.json does not say; empty if the type is not described. */
    public Optional<Boolean> tiedByDefault(ModelConfig config) {
        return config.modelType()
                .flatMap(type -> Optional.ofNullable(byType.get(type)).map(family -> family.tiedTypes().contains(type)));
    }

    /** Whether the classes in config.json have a head; classes that are not named may have one. */
    public boolean mayHaveHead(ModelConfig config) {
        List<String> names = config.architectures();
        return names.isEmpty() || names.stream().anyMatch(name -> common.headClasses().stream().anyMatch(name::endsWith));
    }

    private Family inferred(SortedMap<String, Integer> stacks) {
        List<ModelModule> modules = new ArrayList<>();
        if (stacks.size() == 1) {
            modules.add(new ModelModule(
                    ModelModule.DEFAULT, List.of(), Optional.of(stacks.firstKey()), common.countKeys()));
        } else {
            for (String prefix : stacks.keySet()) {
                modules.add(new ModelModule(prefix, List.of(prefix + "."), Optional.of(prefix), List.of()));
            }
            modules.add(new ModelModule(ModelModule.DEFAULT, List.of(), Optional.empty(), List.of()));
        }
        return new Family(
                "inferred",
                Set.of(),
                Set.of(),
                Set.of(),
                modules,
                Set.of(),
                Set.of(),
                List.of(),
                common.tied(),
                Map.of(),
                Map.of(),
                Set.of(),
                List.of(),
                List.of(),
                Map.of());
    }
}
