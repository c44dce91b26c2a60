// SPDX-License-Identifier: Apache-2.0
package dev.ingot.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.ingot.error.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SameArchitectureTest {
    private static final String BOTH =
            "merge_method: linear\nmodels: [{model: a, parameters: {weight: 1}}, {model: b, parameters: {weight: 1}}]\n";

    @TempDir
    private Path temp;

    private ArchFixture pair(String config, String other) throws IOException {
        List<String> names = ArchFixture.layers("model.layers", 2, "mlp.up_proj.weight");
        return new ArchFixture(temp).model("a", config, names).model("b", other, names);
    }

    private static PlanRequest mixed(PlanRequest request) {
        return new PlanRequest(
                request.config(), request.modelRoots(), request.results(), request.output(), request.shardSize(), request.seed(),
                request.rng(), request.threads(), request.memory(), true, request.overwrite());
    }

    @Test
    void refusesTwoArchitecturesAndNamesBoth() throws IOException {
        ArchFixture models = pair("{'model_type': 'llama'}", "{'model_type': 'mistral'}");
        ConfigException error = catchThrowableOfType(ConfigException.class, () -> models.plan(BOTH));
        assertThat(error).hasMessage("model b is of architecture 'mistral', but model a of 'llama'");
        assertThat(error.hint()).contains("--allow-crimes");
    }

    @Test
    void mergesThemByNameAndShapeWhenTold() throws IOException {
        ArchFixture models = pair("{'model_type': 'llama'}", "{'model_type': 'gpt2'}");
        Plan plan = models.models().plan(mixed(models.models().request(BOTH)));
        assertThat(PlanFixture.inputs(plan, PlanFixture.mlp(1)))
                .containsExactly("a:model.layers.1.mlp.up_proj.weight", "b:model.layers.1.mlp.up_proj.weight");
    }

    @Test
    void theClassNameInTheConfigurationCounts() throws IOException {
        ArchFixture models = pair(
                "{'model_type': 'llama', 'architectures': ['LlamaForCausalLM']}",
                "{'model_type': 'mistral', 'architectures': ['MistralForCausalLM']}");
        String yaml = BOTH.replace("model: b,", "model: {model: b, override_architecture: %s},");
        assertThat(models.plan(yaml.formatted("LlamaForCausalLM")).tensors()).hasSize(2);
        assertThatThrownBy(() -> models.plan(yaml.formatted("OPTForCausalLM")))
                .hasMessage("model b is of architecture 'OPTForCausalLM', but model a of 'llama'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{'model_type': 'llama'} | ''",
        "'' | ''",
        "{} | {'model_type': 'llama'}",
        "{'architectures': ['A', 'B']} | {'architectures': ['B']}",
        "{'model_type': 'x', 'architectures': ['A']} | {'architectures': ['A']}",
        "{'model_type': 'llama', 'architectures': ['LlamaForCausalLM']} | {'model_type': 'llama', 'architectures': ['LlamaModel']}"
    }, quoteCharacter = '"')
    void whatIsNotSaidIsNotRefused(String config, String other) throws IOException {
        assertThat(pair(config.replace("''", ""), other.replace("''", "")).plan(BOTH).tensors()).hasSize(2);
    }
}
