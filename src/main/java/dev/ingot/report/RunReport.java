// SPDX-License-Identifier: Apache-2.0
package dev.ingot.report;

import dev.ingot.plan.Plan;
import java.util.Map;
import java.util.TreeMap;

/** What a run did, as JSON, schema {@code ingot.report/1}; sizes in bytes, times in seconds. */
public final class RunReport {
    /** Name of the report in the output directory. */
    public static final String FILE_NAME = "ingot_report.json";

    private RunReport() {}

    /** One JSON object on one line. */
    public static String json(Plan plan, RunFacts facts) {
        Map<String, Object> json = PlanJson.head(plan, "ingot.report/1");
        json.put("backend", facts.backend());
        json.put("seconds", facts.elapsed().toNanos() / 1e9);
        json.put("bytesRead", facts.bytesRead());
        json.put("resumedTensors", facts.resumedTensors());
        json.put("peakResident", facts.memory().peakResident());
        json.put("anonymousAtEnd", facts.memory().anonymous());
        new TreeMap<>(facts.findings()).forEach(json::put);
        json.put("java", Runtime.version().toString());
        json.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        json.put("warnings", facts.warnings());
        return JsonText.of(json);
    }
}
