// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.TensorRef;
import dev.ingot.config.ModelReference;
import dev.ingot.plan.Plan;
import dev.ingot.plan.PlannedTensor;
import dev.ingot.plan.RowGather;
import dev.ingot.tokenizer.RowMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Plans as JSON, schema {@code ingot.plan/1}; sizes in bytes. */
public final class PlanJson {
    private PlanJson() {}

    /**
     * One JSON object on one line.
     *
     * @param backend  what will compute it
     * @param warnings what the user should know before starting
     */
    public static String of(Plan plan, String backend, List<String> warnings) {
        Map<String, Object> json = head(plan, "ingot.plan/1");
        json.put("backend", backend);
        json.put("warnings", warnings);
        plan.tokenization().merge().ifPresent(merge -> {
            Map<String, Object> tokenizer = new LinkedHashMap<>();
            tokenizer.put("tokens", merge.vocabulary().rows());
            tokenizer.put("vocabSize", merge.vocabSize());
            json.put("tokenizer", tokenizer);
        });
        plan.tokenization().chatTemplate().ifPresent(template -> json.put("chatTemplate", template));
        json.put("files", plan.shards().stream()
                .map(shard -> Map.of("name", shard.fileName(), "bytes", shard.layout().fileSize()))
                .toList());
        json.put("tensors", plan.tensors().stream().map(t -> tensor(plan, t)).toList());
        return JsonText.of(json);
    }

    /** The members that plans and reports share. */
    static Map<String, Object> head(Plan plan, String schema) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("schema", schema);
        json.put("version", Version.current());
        json.put("method", plan.method().name());
        json.put("config", plan.config().source().name());
        json.put("output", plan.output().toString());
        json.put("planHash", plan.hash());
        json.put("seed", plan.seed());
        json.put("rng", plan.rng().toString());
        json.put("parameters", plan.parameters());
        json.put("bytesToRead", plan.bytesToRead());
        json.put("bytesToWrite", plan.bytesToWrite());
        json.put("passes", plan.reads());
        json.put("threads", plan.resources().threads());
        json.put("laneMemory", plan.resources().laneMemory());
        json.put("tileElements", plan.resources().tileElements());
        json.put("peakMemory", plan.resources().peakMemory());
        json.put("models", checkpoints(plan.models()));
        if (!plan.companions().isEmpty()) {
            json.put("companions", checkpoints(plan.companions()));
        }
        return json;
    }

    private static List<Map<String, Object>> checkpoints(Map<ModelReference, Checkpoint> checkpoints) {
        return checkpoints.entrySet().stream()
                .map(entry -> Map.<String, Object>of(
                        "model", entry.getKey().toString(),
                        "location", entry.getValue().location().toString(),
                        "bytes", entry.getValue().totalBytes()))
                .toList();
    }

    private static Map<String, Object> tensor(Plan plan, PlannedTensor tensor) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", tensor.name());
        json.put("dtype", tensor.stored().dtype().name());
        json.put("shape", tensor.stored().shape().dims());
        json.put("file", plan.shards().get(tensor.shard()).fileName());
        json.put("offset", tensor.offset());
        json.put("passes", tensor.reads());
        json.put("action", tensor.method().isPresent() ? "merge" : "copy");
        tensor.base().ifPresent(base -> json.put("base", input(base)));
        json.put("inputs", tensor.merged().stream().map(PlanJson::input).toList());
        if (!tensor.companions().isEmpty()) {
            json.put("companions", tensor.companions().stream().map(PlanJson::input).toList());
        }
        tensor.rows().ifPresent(rows -> json.put("rows", rows(rows)));
        json.put("parameters", tensor.context().globals().all());
        json.put("modelParameters", tensor.context().models().stream()
                .map(model -> model.parameters().all())
                .toList());
        return json;
    }

    /** How many rows each input keeps of its own, is lent, and gets as padding. */
    private static List<Object> rows(RowGather rows) {
        List<Object> inputs = new ArrayList<>();
        for (RowMap map : rows.plan().maps()) {
            long lent = IntStream.range(0, map.tokenRows()).filter(row -> map.source(row) == RowMap.SHARED).count();
            Map<String, Object> input = new LinkedHashMap<>();
            input.put("model", map.model().toString());
            input.put("own", map.tokenRows() - lent);
            input.put("lent", lent);
            input.put("padding", map.rows() - map.tokenRows());
            inputs.add(input);
        }
        return inputs;
    }

    private static List<Object> input(TensorRef tensor) {
        return List.of(tensor.file().toString(), tensor.name());
    }
}
