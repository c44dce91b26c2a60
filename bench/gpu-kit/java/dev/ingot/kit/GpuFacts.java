// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code nvidia-smi} tells of the GPUs, clocks as they are: nothing is changed. */
final class GpuFacts {
    private static final List<String> FIELDS = List.of(
            "name", "driver_version", "memory.total", "pci.bus_id", "pcie.link.gen.current", "pcie.link.width.current",
            "clocks.sm", "clocks.mem", "clocks.max.sm", "clocks.max.mem", "power.limit", "temperature.gpu", "ecc.mode.current");

    private GpuFacts() {}

    /** One map per GPU; empty where there is no {@code nvidia-smi}. */
    static List<Map<String, Object>> read(Kit kit) throws IOException, InterruptedException {
        List<Map<String, Object>> gpus = new ArrayList<>();
        if (kit.shim() || Kit.program("nvidia-smi").isEmpty()) {
            return gpus;
        }
        Command command = Command.run(kit, "nvidia-smi", 10_000, List.of(
                "nvidia-smi", "--query-gpu=" + String.join(",", FIELDS), "--format=csv,noheader"));
        for (String line : command.out().lines().toList()) {
            String[] values = line.split(", ");
            Map<String, Object> gpu = new LinkedHashMap<>();
            for (int i = 0; i < Math.min(values.length, FIELDS.size()); i++) {
                gpu.put(FIELDS.get(i), values[i].strip());
            }
            gpus.add(gpu);
        }
        return gpus;
    }
}
