// SPDX-License-Identifier: Apache-2.0
package dev.ingot.checkpoint;

import dev.ingot.error.CheckpointException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The index of a sharded checkpoint ({@code model.safetensors.index.json}). Immutable.
 *
 * @param totalSize size of all tensor data in bytes
 * @param weightMap for each tensor the name of its file, in the order in which they are written
 */
public record ShardIndex(long totalSize, SequencedMap<String, String> weightMap) {
    /** Usual name of the index in a directory. */
    public static final String FILE_NAME = "model.safetensors.index.json";
    /** How the names of index files end. */
    static final String SUFFIX = ".index.json";

    /** Copies the map. */
    public ShardIndex {
        weightMap = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(weightMap));
    }

    /** The index as JSON text, indented by 2 as huggingface_hub writes it. */
    public byte[] toJson() {
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("metadata", Map.of("total_size", totalSize));
        index.put("weight_map", weightMap);
        return new PythonJson().value(index).bytes();
    }

    /**
     * Reads the {@code weight_map} of an index: tensor name to file name. The rest of the file is not used, because
     * published indexes often have no or a wrong {@code total_size}.
     *
     * @throws CheckpointException if the file cannot be read, is not JSON, has no weight map, or names a file that is
     *                             not simply a name in the same directory
     */
    static SequencedMap<String, String> readWeightMap(Path file) {
        return JsonInput.parse(file, parser -> {
            SequencedMap<String, String> weightMap = null;
            JsonInput.expect(file, parser, JsonToken.START_OBJECT, "an object");
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                boolean wanted = parser.currentName().equals("weight_map");
                parser.nextToken();
                if (wanted) {
                    weightMap = parseWeightMap(file, parser);
                } else {
                    parser.skipChildren();
                }
            }
            if (weightMap == null || weightMap.isEmpty()) {
                throw JsonInput.error(file, parser, "the index lists no tensors in 'weight_map'");
            }
            return weightMap;
        });
    }

    private static SequencedMap<String, String> parseWeightMap(Path file, JsonParser parser) {
        SequencedMap<String, String> weightMap = new LinkedHashMap<>();
        JsonInput.expect(file, parser, JsonToken.START_OBJECT, "weight_map: an object");
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String tensor = parser.currentName();
            parser.nextToken();
            JsonInput.expect(file, parser, JsonToken.VALUE_STRING, "a file name for " + Printable.quote(tensor));
            String shard = parser.getString();
            if (!isPlainName(shard)) {
                throw JsonInput.error(file, parser, "shard " + Printable.quote(shard) + " of tensor "
                        + Printable.quote(tensor) + " is not a plain file name");
            }
            weightMap.put(tensor, shard);
        }
        return weightMap;
    }

    /**
     * An index from a stranger must not make us open files elsewhere. Only the name is judged: in a download cache the
     * files themselves are links out of the directory.
     */
    private static boolean isPlainName(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..")
                || name.chars().anyMatch(c -> c == '/' || c == '\\' || c == ':' || Character.isISOControl(c))) {
            return false;
        }
        try {
            return Path.of(name).getNameCount() == 1;
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
