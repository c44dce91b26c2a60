// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.Checkpoint;
import dev.ingot.checkpoint.Dtype;
import dev.ingot.checkpoint.Printable;
import dev.ingot.checkpoint.SafetensorsLayout;
import dev.ingot.checkpoint.TensorSpec;
import dev.ingot.config.InputModel;
import dev.ingot.config.Layout;
import dev.ingot.config.MergeConfig;
import dev.ingot.config.ModelReference;
import dev.ingot.error.CheckpointException;
import dev.ingot.error.ConfigException;
import dev.ingot.method.MergeMethod;
import dev.ingot.method.Part;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The tensors of vector and masks that take the place of a model's. */
final class MaskParts {
    private MaskParts() {}

    /**
     * A name for each merged model: the last part of its path, with a number where several have the same, and where it ends like
     * a shard's, so that no task's file is taken for a part of another's.
     *
     * @throws ConfigException if the configuration is none that masks can be made of
     */
    static List<String> tasks(MergeConfig config, MergeMethod method) {
        if (!method.hasMasks()) {
            throw config.source()
                    .positionOf("merge_method")
                    .error(
                            "method " + method.spec().name() + " has no masks",
                            "use tall_masks, emr or mag_masking, or merge the models");
        }
        return tasks(config, "masks");
    }

    /** @param what what each of them gets, in words */
    static List<String> tasks(MergeConfig config, String what) {
        if (!(config.layout() instanceof Layout.Models listed)) {
            throw new ConfigException(
                    what + " of slices or modules cannot be made, because they belong to the tensors of whole models",
                    "list whole models under 'models'");
        }
        if (config.tokenizer().isPresent()) {
            throw config.source()
                    .positionOf("tokenizer_source")
                    .error(what + " belong to the base's tokens, so no tokenizer can be made", "leave the tokenizer out");
        }
        Set<String> names = new LinkedHashSet<>();
        listed.models().stream()
                .map(InputModel::model)
                .filter(model -> !config.baseModel().filter(model::equals).isPresent())
                .forEach(model -> names.add(free(name(model), names)));
        return List.copyOf(names);
    }

    private static String name(ModelReference model) {
        String[] parts = model.path().split("[/\\\\]+");
        String last = parts.length == 0 ? "" : parts[parts.length - 1].replaceAll("[^A-Za-z0-9._-]", "_");
        return last.replace(".", "").isEmpty() ? "task" : last;
    }

    private static String free(String name, Set<String> taken) {
        String free = name;
        for (int number = 2; taken.contains(free) || Product.Names.endsLikeShard(free); number++) {
            free = name + "-" + number;
        }
        return free;
    }

    /**
     * The checkpoints of the output: the vector, and a mask for each task. Tensors that are no numbers are the base's own.
     *
     * @param vectors the vector's tensors among others, which are copied
     * @throws CheckpointException if a model or the base lacks a tensor that others have
     */
    static List<OutputGroup> groups(List<TensorResolver.Resolved> vectors, List<String> tasks, Checkpoint base) {
        for (TensorResolver.Resolved tensor : vectors) {
            if (base.find(tensor.name()).isEmpty()) {
                throw new CheckpointException(
                        base.location() + ": tensor " + Printable.quote(tensor.name()) + " is missing, but a model has it",
                        "models are rebuilt from the base, so it must store all of their tensors, tied heads too");
            }
        }
        List<TensorResolver.Resolved> merged =
                vectors.stream().filter(tensor -> tensor.method().isPresent()).toList();
        for (TensorResolver.Resolved tensor : merged) {
            if (tensor.context().models().size() != tasks.size()) {
                throw new CheckpointException(
                        "tensor " + tensor.name() + " is missing in some models, and masks belong to all of them",
                        "complete the models, or leave those out that lack the tensor");
            }
        }
        List<OutputGroup> groups = new ArrayList<>();
        groups.add(new OutputGroup(
                Product.Masks.VECTOR,
                merged,
                files -> SafetensorsLayout.DEFAULT_METADATA));
        for (int i = 0; i < tasks.size(); i++) {
            Part.Mask mask = new Part.Mask(i);
            groups.add(new OutputGroup(
                    Product.Masks.mask(tasks.get(i)),
                    merged.stream().map(tensor -> tensor.part(mask, Dtype.U8)).toList(),
                    metadata(tasks.get(i), merged)));
        }
        return groups;
    }

    private static Function<List<TensorSpec>, Map<String, String>> metadata(
            String task, List<TensorResolver.Resolved> merged) {
        Map<String, String> shapes = new LinkedHashMap<>();
        merged.forEach(tensor -> shapes.put(tensor.name(), tensor.shape().dims().toString()));
        return tensors -> {
            Map<String, String> metadata = new LinkedHashMap<>(SafetensorsLayout.DEFAULT_METADATA);
            metadata.put("task", task);
            tensors.forEach(tensor -> metadata.put("shape:" + tensor.name(), shapes.get(tensor.name())));
            return metadata;
        };
    }
}
