// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.plan.Plan;
import dev.ingot.plan.Product;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What lies in a directory with factors, as JSON, schema {@value #SCHEMA}. */
public final class FactorsJson {
    /** Name of the file. */
    public static final String FILE_NAME = "factors.json";

    private static final String SCHEMA = "ingot.factors/1";

    private FactorsJson() {}

    /** The description of a plan's output. */
    public static byte[] of(Plan plan) {
        List<String> tasks = plan.tasks();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("schema", SCHEMA);
        json.put("version", Version.current());
        json.put("method", plan.method().name());
        json.put("planHash", plan.hash());
        json.put("base", plan.donor().toString());
        json.put("tasks", tasks);
        json.put("factors", tasks.stream().map(task -> plan.entry(Product.Factors.factors(task))).toList());
        return (JsonText.of(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
