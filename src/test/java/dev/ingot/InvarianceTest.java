// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.fixture.TestCheckpoint;
import dev.ingot.fixture.TestFamily;
import dev.ingot.fixture.TestTensor;
import dev.ingot.fixture.TestVocabularies;
import dev.ingot.kernel.Backends;
import dev.ingot.kernel.CpuIsas;
import dev.ingot.plan.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * A merge gives the same bytes whatever the number of threads, the size of tiles and output files, the way of reading, the
 * backend and the instruction set. Every variant is compared with one run of the reference backend on a single thread. Settings
 * and instruction sets are independent of one another, so configurations go through their pairs by turns, and every configuration
 * through each setting and each instruction set.
 */
class InvarianceTest {
    private static final String EXPERTS = """
            base_model: base
            models:
            - {model: a, parameters: {weight: 0.7, density: 0.5}}
            - {model: b, parameters: {weight: [0.2, 0.9, -0.4], density: [1, 0.3]}}
            - {model: c, parameters: {weight: 0.4, density: [{filter: norm, value: 0.9}, {value: 0.07}]}}
            """;

    private static final String RANKED = """
            base_model: base
            models:
            - {model: a, parameters: {weight: 0.7, density: [{filter: norm, value: 1}, {value: 0.4}]}}
            - {model: b, parameters: {weight: [0.2, 0.9, -0.4], density: 0.5}}
            parameters: {epsilon: 0.2}
            """;

    /** Ends the names of merges that draw masks as mergekit does. */
    private static final String MERGEKIT = ", rng mergekit";

    private static final SequencedMap<String, String> CONFIGS = configs();

    /** With this much memory, seven threads get the smallest tiles. */
    private static final long LITTLE_MEMORY = 200L << 20;

    /** With this much, one thread's tiles are larger, but smaller than the largest tensor. */
    private static final long MORE_MEMORY = 216L << 20;

    @TempDir
    private static Path temporary;

    private static Path family;
    private static Path vocabularies;

    private static SequencedMap<String, String> configs() {
        SequencedMap<String, String> configs = new LinkedHashMap<>();
        configs.put("linear", "merge_method: linear\n" + models("weight: 1") + "dtype: bfloat16\n");
        configs.put("linear mixed types", "merge_method: linear\n" + models("weight: 1")
                + "parameters: {normalize: false}\nbase_model: base\n");
        configs.put("slerp", """
                merge_method: slerp
                base_model: a
                models: [{model: a}, {model: c}]
                parameters: {t: [{filter: mlp, value: [0.1, 0.9]}, {value: 0.5}]}
                """);
        configs.put("task_arithmetic", "merge_method: task_arithmetic\n" + EXPERTS);
        configs.put("task_arithmetic normalized", "merge_method: task_arithmetic\n" + EXPERTS
                + "parameters: {normalize: true, lambda: 1.3}\nout_dtype: float16\n");
        configs.put("ties", "merge_method: ties\n" + EXPERTS);
        configs.put("ties rescaled", "merge_method: ties\n" + EXPERTS + "parameters: {rescale: true, lambda: 0.9}\n");
        configs.put("ties not normalized", "merge_method: ties\n" + EXPERTS
                + "parameters: {normalize: false}\nout_dtype: float8_e4m3fn\n");
        configs.put("dare_linear", "merge_method: dare_linear\n" + EXPERTS);
        configs.put("dare_linear not rescaled", "merge_method: dare_linear\n" + EXPERTS
                + "parameters: {rescale: false, normalize: true}\nout_dtype: float32\n");
        configs.put("dare_ties", "merge_method: dare_ties\n" + EXPERTS);
        configs.put("della_linear", "merge_method: della_linear\n" + RANKED);
        configs.put("dare whole model", "merge_method: dare\n" + EXPERTS + """
                parameters:
                  then: magnitude
                  scope: model
                  elect: mass
                  zero_sign: majority
                  combine: disjoint_mean
                """);
        configs.put("dare by kernel", "merge_method: dare\n" + EXPERTS);
        configs.put("della_magprune", "merge_method: della_magprune\n" + RANKED);
        configs.put("della_magprune by magnitude", "merge_method: della_magprune\n"
                + RANKED.replace("{epsilon", "{probability: row_magnitude, epsilon"));
        configs.put("breadcrumbs_rows", """
                merge_method: breadcrumbs_rows
                base_model: base
                models: [{model: a}, {model: b}, {model: c}]
                parameters: {beta: 0.3, gamma: 0.02}
                """);
        configs.put("dare_ties" + MERGEKIT, "merge_method: dare_ties\n" + EXPERTS);
        configs.put("della" + MERGEKIT, "merge_method: della\n" + RANKED);
        configs.put("passthrough scaled", """
                merge_method: passthrough
                models: [{model: b, parameters: {scale: [{filter: mlp, value: 0.5}, {filter: norm, value: 1.1}]}}]
                """);
        configs.put("passthrough slices", """
                merge_method: passthrough
                slices:
                - sources: [{model: b, layer_range: [0, 3]}]
                - sources: [{model: a, layer_range: [1, 4]}]
                dtype: float16
                """);
        configs.put("slerp slices", """
                merge_method: slerp
                base_model: a
                slices:
                - sources: [{model: a, layer_range: [0, 2]}, {model: c, layer_range: [0, 2]}]
                - sources: [{model: a, layer_range: [2, 4]}, {model: b, layer_range: [2, 4]}]
                parameters: {t: 0.3}
                """);
        configs.put("union ties", union("ties"));
        configs.put("union dare_ties", union("dare_ties"));
        configs.put("union breadcrumbs", union("breadcrumbs"));
        configs.put("union dare_ties" + MERGEKIT, union("dare_ties"));
        configs.put("union sce", """
                merge_method: sce
                base_model: base
                models: [{model: a}, {model: b}, {model: c}]
                parameters: {select_topk: 0.3}
                tokenizer: {source: union, pad_to_multiple_of: 64}
                """);
        configs.put("union model_stock", """
                merge_method: model_stock
                base_model: base
                models: [{model: a}, {model: b}, {model: c}]
                tokenizer_source: union
                """);
        configs.put("widen", """
                merge_method: widen
                base_model: base
                models: [{model: a}, {model: b}, {model: c}]
                parameters: {above_average_value_ratio: 1.1}
                """);
        configs.put("sce_fusechat", """
                merge_method: sce_fusechat
                base_model: base
                models: [{model: a}, {model: b}, {model: c}]
                parameters: {select_topk: 0.2}
                """);
        configs.put("union passthrough", """
                merge_method: passthrough
                base_model: base
                models: [{model: b}]
                tokenizer: {source: union, pad_to_multiple_of: 64}
                """);
        configs.put("union linear with tokens", "merge_method: linear\nbase_model: base\n" + models("weight: 1") + """
                tokenizer:
                  source: union
                  pad_to_multiple_of: 100
                  tokens: {t5: {source: b, force: true}, t6: {source: {kind: zero}, force: true}, new: {source: {kind: zero}}}
                """);
        configs.put("pcb", """
                merge_method: pcb
                base_model: base
                models: [{model: a}, {model: b, parameters: {weight: 0.8}}, {model: c}]
                parameters: {inter: normalized, ratio: 0.2}
                """);
        configs.put("cut rows ties", "merge_method: ties\n" + EXPERTS);
        return configs;
    }

    private static String union(String method) {
        return "merge_method: " + method + "\n" + EXPERTS
                + "tokenizer: {source: union, pad_to_multiple_of: 64}\n";
    }

    private static String models(String parameters) {
        StringBuilder yaml = new StringBuilder("models:\n");
        for (String model : List.of("base", "a", "b", "c")) {
            yaml.append("- {model: ").append(model).append(", parameters: {").append(parameters).append("}}\n");
        }
        return yaml.toString();
    }

    @BeforeAll
    static void writeFamily() throws IOException {
        family = TestFamily.mixed(temporary.resolve("family"));
        vocabularies = TestVocabularies.write(temporary.resolve("vocabularies"));
    }

    /** A way to run a merge that must not matter. */
    private record Variant(String name, Map<String, String> environment, UnaryOperator<MergeRequest> change) {
        static Variant of(String name, UnaryOperator<MergeRequest> change) {
            return new Variant(name, Map.of(), change);
        }
    }

    /** @param turn number of the configuration */
    private static List<Variant> variants(int turn) {
        List<Variant> variants = new ArrayList<>(List.of(
                Variant.of("reference, 7 threads, small tiles, pread",
                        r -> r.withBackend("reference").withThreads(7).withMemory(LITTLE_MEMORY).withIo("pread"))));
        if (Backends.detect(System.getenv()).instructionSets().isEmpty()) {
            return variants;
        }
        List<Variant> settings = List.of(
                Variant.of("1 thread, largest tiles", r -> r.withThreads(1)),
                Variant.of("2 threads, pread", r -> r.withThreads(2).withIo("pread")),
                Variant.of("7 threads, small tiles", r -> r.withThreads(7).withMemory(LITTLE_MEMORY)),
                Variant.of("small files", r -> r.withShardSize("300KB")),
                Variant.of("files of 100000 parameters", r -> r.withShardSize("100K")));
        List<String> isas = CpuIsas.available();
        for (int i = 0; i < Math.max(settings.size(), isas.size()); i++) {
            Variant setting = settings.get(i % settings.size());
            String isa = isas.get((i + turn) % isas.size());
            variants.add(new Variant(
                    "cpu, " + setting.name() + ", " + isa,
                    Map.of("INGOT_ISA", isa),
                    r -> setting.change().apply(r).withBackend("cpu")));
        }
        variants.addAll(gpuVariants());
        return variants;
    }

    private static List<Variant> gpuVariants() {
        // Which GPU is part of the tests' names: an emulated one proves nothing about others.
        String gpu = Backends.detect(Map.of()).all().getFirst().detail();
        if (Backends.detect(Map.of()).cuda().off().isPresent()) {
            return List.of();
        }
        return List.of(
                Variant.of(gpu + ", 2 threads", r -> r.withBackend("cuda").withThreads(2)),
                Variant.of(gpu + ", 7 threads, little memory, pread",
                        r -> r.withBackend("cuda").withThreads(7).withMemory(LITTLE_MEMORY).withIo("pread")),
                Variant.of(gpu + ", chosen by itself", r -> r.withThreads(1).withShardSize("300KB")));
    }

    @Test
    void theVariantsDoDiffer() throws IOException {
        MergeRequest request = request("ties");
        MergeRequest small = request.withThreads(7).withMemory(LITTLE_MEMORY);
        long tile = plan(request.withThreads(1).withMemory(MORE_MEMORY)).resources().tileElements();
        assertThat(tile).isLessThan(305 * 901);
        assertThat(plan(request.withThreads(1)).resources().tileElements()).isGreaterThan(tile);
        assertThat(plan(small).resources().tileElements()).isLessThan(tile);
        assertThat(Ingot.create().plan(request.withShardSize("300KB")).files()).hasSizeGreaterThan(5);
    }

    @TestFactory
    Stream<DynamicContainer> sameBytes() {
        List<String> names = List.copyOf(CONFIGS.keySet());
        return names.stream().map(name -> {
            SortedMap<String, TestTensor> expected = new TreeMap<>();
            List<DynamicTest> tests = new ArrayList<>();
            tests.add(DynamicTest.dynamicTest("reference, 1 thread, mmap", () -> {
                MergeRequest request = request(name)
                        .withBackend("reference")
                        .withThreads(1)
                        .withMemory(MORE_MEMORY)
                        .withIo("mmap");
                expected.putAll(TestCheckpoint.read(Ingot.create().merge(request).output()));
                assertThat(expected).containsKey("model.embed_tokens.weight");
            }));
            for (Variant variant : variants(names.indexOf(name))) {
                tests.add(DynamicTest.dynamicTest(variant.name(), () -> compare(expected, name, variant)));
            }
            return DynamicContainer.dynamicContainer(name, tests);
        });
    }

    private static void compare(SortedMap<String, TestTensor> expected, String config, Variant variant) throws IOException {
        MergeRequest request = variant.change().apply(request(config));
        MergeResult result = Ingot.create(variant.environment()).merge(request);
        variant.environment().values().forEach(isa -> assertThat(result.backend()).contains(isa));
        SortedMap<String, TestTensor> found = TestCheckpoint.read(result.output());
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, tensor) -> {
            TestTensor other = found.get(name);
            assertThat(other.dtype()).as(name).isEqualTo(tensor.dtype());
            assertThat(other.shape()).as(name).isEqualTo(tensor.shape());
            int mismatch = Arrays.mismatch(other.data(), tensor.data());
            assertThat(mismatch).as(name + ": first byte that differs").isEqualTo(-1);
        });
    }

    private static Plan plan(MergeRequest request) {
        return Ingot.create().plan(request).plan();
    }

    private static MergeRequest request(String config) throws IOException {
        Path output = Files.createTempDirectory(temporary, "out");
        boolean rows = config.startsWith("union") || config.startsWith("cut");
        return MergeRequest.ofYaml(CONFIGS.get(config), config, rows ? vocabularies : family, output)
                .withRng(config.endsWith(MERGEKIT) ? "mergekit" : "philox");
    }
}
