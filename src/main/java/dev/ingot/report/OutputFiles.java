// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.checkpoint.ConfigJsonEditor;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.ModelConfig;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.error.CheckpointException;
import dev.ingot.plan.MaskFolder;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedTensor;
import dev.ingot.plan.Product;
import dev.ingot.plan.Tokenization;
import dev.ingot.tokenizer.TokenizerFiles;
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
    private static final String GENERATION_CONFIG = "generation_config.json";

    /** What goes with a tokenizer, as transformers names it. */
    private static final List<String> COMPANIONS = List.of(
            GENERATION_CONFIG,
            "preprocessor_config.json",
            "processor_config.json",
            "video_preprocessor_config.json",
            "normalizer.json");

    private static final String CARD = "README.md";
    private static final String CONFIGURATION = "mergekit_config.yml";
    private static final String CONFIG_JSON = "config.json";

    private OutputFiles() {}

    /**
     * All files besides weights, index, report and what the run itself finds out, by name.
     *
     * @param copyTokenizer whether the donor's tokenizer and what goes with it are copied; a tokenizer that was made for the
     *                      output is always among the files
     * @throws CheckpointException if a file of the donor model cannot be read
     */
    public static SequencedMap<String, byte[]> of(Plan plan, boolean copyTokenizer, boolean modelCard) {
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        if (!plan.product().isModel()) {
            if (modelCard) {
                files.put(CONFIGURATION, utf8(plan.config().source().text()));
            }
            return files;
        }
        Tokenization tokenization = plan.tokenization();
        tokenization.merge().ifPresent(merge -> files.putAll(merge.files(tokenization.chatTemplate())));
        if (copyTokenizer) {
            Path directory = plan.donorCheckpoint().directory();
            if (tokenization.merge().isEmpty()) {
                files.putAll(TokenizerFiles.copy(directory, tokenization.chatTemplate()));
            }
            for (String name : present(plan, COMPANIONS)) {
                files.put(name, read(directory.resolve(name)));
            }
            if (!tokenization.generation().isEmpty()) {
                Path file = directory.resolve(GENERATION_CONFIG);
                files.put(GENERATION_CONFIG, ConfigJsonEditor.rewrite(file, tokenization.generation()));
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

    /** Names that files besides weights and index may have, the report's included. Reads none of them. */
    public static List<String> names(Plan plan, boolean copyTokenizer, boolean modelCard) {
        List<String> names = new ArrayList<>();
        if (!plan.product().isModel()) {
            if (modelCard) {
                names.add(CONFIGURATION);
            }
            names.add(plan.product() instanceof Product.Masks ? MaskFolder.FILE_NAME : FactorsJson.FILE_NAME);
            names.add(RunReport.FILE_NAME);
            return names;
        }
        Tokenization tokenization = plan.tokenization();
        if (tokenization.merge().isPresent()) {
            names.addAll(TokenizerFiles.names());
        }
        if (copyTokenizer) {
            if (tokenization.merge().isEmpty()) {
                names.addAll(present(plan, TokenizerFiles.names()));
                tokenization.chatTemplate().ifPresent(template -> names.add(TokenizerFiles.TEMPLATE));
            }
            names.addAll(present(plan, COMPANIONS));
        }
        if (modelCard) {
            names.add(CONFIGURATION);
            names.add(CARD);
        }
        plan.donorCheckpoint().configJson().ifPresent(json -> names.add(CONFIG_JSON));
        names.add(RunReport.FILE_NAME);
        return names;
    }

    private static List<String> present(Plan plan, List<String> names) {
        Path directory = plan.donorCheckpoint().directory();
        return names.stream().filter(name -> Files.isRegularFile(directory.resolve(name))).toList();
    }

    private static byte[] config(Plan plan, Path donor) {
        Map<String, Object> changes = new LinkedHashMap<>();
        ModelConfig config = ModelConfig.read(donor);
        dtype(plan).ifPresent(type -> changes.put(config.contains("dtype") ? "dtype" : "torch_dtype", torchName(type)));
        changes.putAll(plan.configChanges());
        changes.putAll(plan.tokenization().config());
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
