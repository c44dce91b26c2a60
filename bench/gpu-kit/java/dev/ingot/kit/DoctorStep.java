// SPDX-License-Identifier: Apache-2.0
package dev.ingot.kit;

import dev.ingot.checkpoint.TestJson;
import java.io.IOException;
import java.util.Map;

/** What Ingot finds: the CUDA backend must be among it. */
final class DoctorStep implements Step {
    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public int seconds(boolean quick) {
        return 20;
    }

    @Override
    public Outcome run(Kit kit, Clock clock, Map<String, Map<String, Object>> earlier)
            throws IOException, InterruptedException {
        Command command = Command.run(kit, name(), clock.millis(), kit.ingot("doctor", "--json"));
        Map<String, Object> facts = TestJson.object(TestJson.parse(command.answer()));
        Map<String, Object> cuda = TestJson.list(facts.get("backends")).stream()
                .map(TestJson::object)
                .filter(backend -> backend.get("name").equals("cuda"))
                .findFirst()
                .orElseThrow(() -> new StepFailure("this Ingot knows no CUDA backend"));
        boolean available = String.valueOf(cuda.get("available")).equals("true");
        String detail = String.valueOf(cuda.get("detail"));
        return available ? Outcome.passed(detail, facts) : Outcome.failed("cuda: off, " + detail, facts);
    }
}
