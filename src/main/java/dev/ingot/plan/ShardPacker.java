// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import dev.ingot.checkpoint.SafetensorsLayout;
import dev.ingot.checkpoint.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Distributes tensors over output files: in order, a new file whenever the next tensor would exceed the limit. */
final class ShardPacker {
    private ShardPacker() {}

    static List<PlannedShard> pack(List<TensorSpec> tensors, ShardSize size) {
        List<List<TensorSpec>> shards = new ArrayList<>();
        shards.add(new ArrayList<>());
        long used = 0;
        for (TensorSpec tensor : tensors) {
            long amount = size.unit() == ShardSize.Unit.BYTES
                    ? tensor.bytes()
                    : tensor.shape().elements();
            if (size.exceededBy(used, amount)) {
                shards.add(new ArrayList<>());
                used = 0;
            }
            shards.getLast().add(tensor);
            used += amount;
        }
        List<PlannedShard> planned = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            String name = shards.size() == 1
                    ? "model.safetensors"
                    : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
            planned.add(new PlannedShard(name, SafetensorsLayout.of(shards.get(i))));
        }
        return planned;
    }
}
