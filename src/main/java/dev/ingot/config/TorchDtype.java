// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.checkpoint.Dtype;
import dev.ingot.error.ConfigException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The names that configurations and config.json use for the element types in which models are merged. */
public final class TorchDtype {
    private static final Map<String, Dtype> BY_NAME = Map.of(
            "bfloat16", Dtype.BF16,
            "float16", Dtype.F16,
            "float32", Dtype.F32,
            "float64", Dtype.F64,
            "float8_e4m3fn", Dtype.F8_E4M3,
            "float8_e5m2", Dtype.F8_E5M2);

    private static final Map<String, String> ABBREVIATIONS = Map.of(
            "bf16", "bfloat16",
            "fp16", "float16",
            "f16", "float16",
            "half", "float16",
            "fp32", "float32",
            "f32", "float32",
            "float", "float32",
            "fp64", "float64",
            "f64", "float64",
            "double", "float64");

    private static final List<String> NAMES = BY_NAME.keySet().stream().sorted().toList();

    private TorchDtype() {}

    /** The accepted names, sorted, without the optional prefix {@code torch.}. */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * The type of that name, which may have the prefix {@code torch.}.
     *
     * @param name     such as {@code bfloat16}
     * @param position what an error points at
     * @throws ConfigException if there is no such type, or weights cannot be merged in it
     */
    public static Dtype parse(String name, Position position) {
        String bare = name.startsWith("torch.") ? name.substring("torch.".length()) : name;
        Dtype dtype = BY_NAME.get(bare);
        if (dtype != null) {
            return dtype;
        }
        if (bare.equals("int64")) {
            throw position.error(
                    "weights cannot be merged as int64",
                    "give a floating-point type, or none to keep the inputs' type; integer tensors are copied anyway");
        }
        String near = ABBREVIATIONS.get(bare);
        String suggestion = (near != null ? Optional.of(near) : NearestName.suggest(bare, NAMES))
                .map(found -> "did you mean " + Quote.of(found) + "? ")
                .orElse("");
        throw position.error(
                "unknown dtype " + Quote.of(name), suggestion + "Known are " + String.join(", ", NAMES));
    }
}
