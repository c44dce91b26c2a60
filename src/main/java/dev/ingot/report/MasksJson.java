// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.plan.MaskFolder;
import dev.ingot.plan.Plan;
import dev.ingot.plan.Product;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What lies in a directory with a vector and masks, as JSON, schema {@value MaskFolder#SCHEMA}. */
public final class MasksJson {
    private static final String RESCALERS = "rescalers";

    private MasksJson() {}

    /** @param findings what the run found out; {@code rescalers} are the tasks' factors, 1 where there are none */
    public static byte[] of(Plan plan, Map<String, List<Double>> findings) {
        List<String> tasks = plan.tasks();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("schema", MaskFolder.SCHEMA);
        json.put("version", Version.current());
        json.put("method", plan.method().name());
        json.put("planHash", plan.hash());
        json.put("base", plan.donor().toString());
        json.put("vector", plan.entry(Product.Masks.VECTOR));
        json.put("tasks", tasks);
        json.put("masks", tasks.stream().map(task -> plan.entry(Product.Masks.mask(task))).toList());
        json.put(RESCALERS, findings.getOrDefault(RESCALERS, Collections.nCopies(tasks.size(), 1.0)));
        return (JsonText.of(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
