// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import java.util.Map;
import java.util.Set;

/** Composed merges of task vectors: TIES, MagMax, LiNeS, Localize-and-Stitch in the words of their authors' programs. */
final class GoldenComposed implements GoldenTranslation {
    private static final Map<String, String> COMBINE = Map.of(
            "dis-mean", "disjoint_mean",
            "dis-sum", "disjoint_sum",
            "dis-max", "disjoint_max",
            "magnitude", "magnitude");

    @Override
    public Set<String> methods() {
        return Set.of("ties_original", "ties", "magmax", "lines", "localize_and_stitch");
    }

    @Override
    public String yaml(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        return switch (golden.method()) {
            case "ties_original" -> ties(golden).toString();
            case "ties" -> GoldenYaml.of("task_vectors", golden)
                    .parameter("sparsify", "magnitude")
                    .parameter("mask_rate", given.get("mask_rate"))
                    .parameter("boundary", "at_least")
                    .parameter("elect", "mass")
                    .parameter("zero_sign", "tensor_majority")
                    .parameter("combine", "disjoint_mean")
                    .parameter("lambda", given.get("scaling"))
                    .toString();
            case "magmax" -> GoldenYaml.of("magmax", golden).parameter("lambda", given.get("alpha")).toString();
            case "lines" -> lines(golden);
            case "localize_and_stitch" -> stitch(golden);
            default -> throw new GoldenConfig.Unsupported(golden.method());
        };
    }

    private static GoldenYaml ties(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        double k = ((Number) given.get("K")).doubleValue();
        GoldenYaml yaml = GoldenYaml.of("ties_merging", golden)
                .parameter("elect", given.get("elect"))
                .parameter("combine", COMBINE.get(given.get("merge_func")))
                .parameter("lambda", given.get("lambda"));
        return switch (given.get("reset_type").toString()) {
            case "topk" -> yaml.parameter("density", k / 100);
            case "std" -> yaml.parameter("sparsify", "deviation").parameter("deviations", k);
            case "nf" -> yaml.parameter("sparsify", "energy").parameter("energy", k);
            default -> throw new GoldenConfig.Unsupported("reset_type " + given.get("reset_type"));
        };
    }

    private static String lines(GoldenCase golden) throws GoldenConfig.Unsupported {
        Map<String, Object> given = golden.parameters();
        if (given.containsKey("alpha")) {
            return GoldenYaml.of("lines", golden)
                    .parameter("lines_alpha", given.get("alpha"))
                    .parameter("lines_beta", given.get("beta"))
                    .toString();
        }
        String inner = given.get("inner").toString();
        GoldenYaml yaml = inner.equals("sum")
                ? GoldenYaml.of("lines", golden)
                : GoldenYaml.of("ties_merging", golden)
                        .parameter("combine", COMBINE.get(inner.substring(inner.lastIndexOf(' ') + 1)))
                        .parameter("scale", "lines");
        return yaml.parameter("lines_beta", given.get("beta")).toString();
    }

    private static String stitch(GoldenCase golden) {
        Map<String, Object> given = golden.parameters();
        boolean paper = given.get("variant").equals("paper");
        return GoldenYaml.of("localize_and_stitch", golden)
                .parameter("combine", paper ? "disjoint_mean" : "sum_and_disjoint_mean")
                .parameter("density", given.get("sparsity"))
                .parameter("include", "[{filter: model.layers., value: true}, {value: false}]")
                .toString();
    }
}
