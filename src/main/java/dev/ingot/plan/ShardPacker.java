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

    static List<PlannedShard> pack(OutputGroup group, ShardSize size) {
        List<List<TensorSpec>> shards = new ArrayList<>();
        shards.add(new ArrayList<>());
        long used = 0;
        for (TensorResolver.Resolved resolved : group.tensors()) {
            TensorSpec tensor = resolved.stored();
            // A bit of a packed mask stands for a parameter, so masks are divided as the vector is.
            long amount = size.unit() == ShardSize.Unit.BYTES
                    ? tensor.bytes()
                    : resolved.shape().elements();
            if (size.exceededBy(used, amount)) {
                shards.add(new ArrayList<>());
                used = 0;
            }
            shards.getLast().add(tensor);
            used += amount;
        }
        List<PlannedShard> planned = new ArrayList<>();
        for (int i = 0; i < shards.size(); i++) {
            String number =
                    shards.size() == 1 ? "" : String.format(Locale.ROOT, "-%05d-of-%05d", i + 1, shards.size());
            planned.add(new PlannedShard(
                    group.stem() + number + Product.Names.WEIGHTS,
                    group.stem(),
                    SafetensorsLayout.of(shards.get(i), group.metadata().apply(shards.get(i)))));
        }
        return planned;
    }
}
