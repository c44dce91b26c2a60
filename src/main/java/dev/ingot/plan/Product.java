// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Dtype;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;

/** What a run makes. */
public sealed interface Product {
    /** A merged model. */
    record Model() implements Product {}

    /**
     * Instead of a model one vector of all models, and a mask for each.
     *
     * @param vector the type in which the vector is stored
     */
    record Masks(Dtype vector) implements Product {
        /** The first part of the names of files with the vector. */
        public static final String VECTOR = "unified";

        /** What the names of files with masks begin with. */
        static final String MASK = "mask-";

        /** Refuses null. */
        public Masks {
            Objects.requireNonNull(vector);
        }

        /** The first part of the names of files with a task's mask. */
        public static String mask(String task) {
            return MASK + task;
        }
    }

    /**
     * Instead of a model the factors of each model.
     *
     * @param type the type in which they are stored
     */
    record Factors(Dtype type) implements Product {
        /** What the names of files with factors begin with. */
        static final String FACTORS = "factors-";

        /** Refuses null. */
        public Factors {
            Objects.requireNonNull(type);
        }

        /** The first part of the names of files with a task's factors. */
        public static String factors(String task) {
            return FACTORS + task;
        }
    }

    /**
     * One of the models that such masks stand for.
     *
     * @param masks the directory that holds vector and masks
     * @param task  the model's name there
     */
    record Reconstruction(Path masks, String task) implements Product {
        /** Refuses nulls. */
        public Reconstruction {
            Objects.requireNonNull(masks);
            Objects.requireNonNull(task);
        }
    }

    /** Whether it is a model that can be run. */
    default boolean isModel() {
        return this instanceof Model || this instanceof Reconstruction;
    }

    /** Whether a file of this name is one of weights that the product replaces; others, such as adapters, belong to someone else. */
    default boolean isWeights(String fileName) {
        return Names.weights(this).matcher(fileName).matches();
    }

    /** Whether a file of this name is the index of such files. */
    default boolean isIndex(String fileName) {
        return fileName.endsWith(Names.INDEX)
                && isWeights(fileName.substring(0, fileName.length() - Names.INDEX.length()));
    }

    /** Names of files. */
    final class Names {
        static final String WEIGHTS = ".safetensors";
        static final String INDEX = ".index.json";
        private static final String SHARD = "-\\d{5}-of-\\d{5}";
        private static final String NUMBERS = "(" + SHARD + ")?\\.safetensors";
        private static final Pattern SHARD_END = Pattern.compile(".*" + SHARD);
        private static final Pattern MODEL = Pattern.compile("model" + NUMBERS);
        private static final Pattern MASKS = Pattern.compile("(unified|mask-.+)" + NUMBERS);
        private static final Pattern FACTORS = Pattern.compile("factors-.+" + NUMBERS);

        private Names() {}

        /** Whether the first part of a file's name ends like that of one shard of several. */
        static boolean endsLikeShard(String stem) {
            return SHARD_END.matcher(stem).matches();
        }

        private static Pattern weights(Product product) {
            return switch (product) {
                case Masks masks -> MASKS;
                case Factors factors -> FACTORS;
                case Model model -> MODEL;
                case Reconstruction reconstruction -> MODEL;
            };
        }
    }
}
