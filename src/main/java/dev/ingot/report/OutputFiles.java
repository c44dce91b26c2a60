// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.checkpoint.ConfigJsonEditor;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.error.CheckpointException;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The small files of an output directory, made in memory. */
public final class OutputFiles {
    /** Tokenizer and generation settings as transformers names them. */
    private static final List<String> TOKENIZER_FILES = List.of(
            "tokenizer_config.json",
            "special_tokens_map.json",
            "tokenizer.json",
            "tokenizer.model",
            "added_tokens.json",
            "vocab.json",
            "vocab.txt",
            "merges.txt",
            "chat_template.jinja",
            "chat_template.json",
            "generation_config.json",
            "preprocessor_config.json",
            "processor_config.json",
            "video_preprocessor_config.json",
            "normalizer.json");

    private static final String CARD = "README.md";
    private static final String CONFIGURATION = "mergekit_config.yml";
    private static final String CONFIG_JSON = "config.json";

    private OutputFiles() {}

    /**
     * All files besides weights, index and report, by name.
     *
     * @throws CheckpointException if a file of the donor model cannot be read
     */
    public static SequencedMap<String, byte[]> of(Plan plan, boolean copyTokenizer, boolean modelCard) {
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        if (copyTokenizer) {
            for (String name : tokenizerFiles(plan)) {
                files.put(name, read(plan.donorCheckpoint().directory().resolve(name)));
            }
        }
        if (modelCard) {
            String yaml = plan.config().source().text();
            files.put(CONFIGURATION, utf8(yaml));
            files.put(CARD, utf8(ModelCard.of(plan)));
        }
        plan.donorCheckpoint().configJson().ifPresent(json -> files.put(CONFIG_JSON, config(plan, json)));
        return files;
    }

    /** Names of all files besides weights and index, the report's included. Reads none of them. */
    public static List<String> names(Plan plan, boolean copyTokenizer, boolean modelCard) {
        List<String> names = new ArrayList<>();
        if (copyTokenizer) {
            names.addAll(tokenizerFiles(plan));
        }
        if (modelCard) {
            names.add(CONFIGURATION);
            names.add(CARD);
        }
        plan.donorCheckpoint().configJson().ifPresent(json -> names.add(CONFIG_JSON));
        names.add(RunReport.FILE_NAME);
        return names;
    }

    private static List<String> tokenizerFiles(Plan plan) {
        Path directory = plan.donorCheckpoint().directory();
        return TOKENIZER_FILES.stream().filter(name -> Files.isRegularFile(directory.resolve(name))).toList();
    }

    private static byte[] config(Plan plan, Path donor) {
        Map<String, Object> changes = new LinkedHashMap<>();
        ModelConfig config = ModelConfig.read(donor);
        dtype(plan).ifPresent(type -> changes.put(config.contains("dtype") ? "dtype" : "torch_dtype", torchName(type)));
        changes.putAll(plan.configChanges());
        return ConfigJsonEditor.rewrite(donor, changes);
    }

    /** The type that the configuration asks for, else that of the output where it is not the donor's. */
    private static Optional<Dtype> dtype(Plan plan) {
        Optional<Dtype> found = prevailing(plan.tensors().stream(), PlannedTensor::dtype, PlannedTensor::elements);
        Optional<Dtype> donor = prevailing(
                plan.donorCheckpoint().tensors().values().stream(), TensorRef::dtype, TensorRef::elements);
        return plan.config().outDtype().or(plan.config()::dtype).or(() -> found.filter(type -> !donor.equals(found)));
    }

    /** The type of most numbers; empty if there are none. */
    private static <T> Optional<Dtype> prevailing(Stream<T> tensors, Function<T, Dtype> type, ToLongFunction<T> elements) {
        return tensors.filter(tensor -> type.apply(tensor).mergeable())
                .collect(Collectors.groupingBy(
                        type, () -> new EnumMap<>(Dtype.class), Collectors.summingLong(elements)))
                .entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
    }

    private static String torchName(Dtype type) {
        return switch (type) {
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            case F32 -> "float32";
            case F64 -> "float64";
            case F8_E4M3 -> "float8_e4m3fn";
            case F8_E5M2 -> "float8_e5m2";
            default -> throw new IllegalArgumentException(type + " is no type of merged weights");
        };
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new CheckpointException(
                    file + ": cannot be read (" + e.getMessage() + ")",
                    "make it readable, or leave tokenizer files alone with --no-copy-tokenizer",
                    e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
