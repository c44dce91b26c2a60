// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.ingot.error.ConfigException;
import dev.ingot.error.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, with which words, and where the message points. */
class ConfigErrorsTest {
    private static final String HEAD = "merge_method: linear\nmodels: [{model: a}, {model: b}]\n";
    private static final String SLICES = "merge_method: linear\nslices:\n- sources:\n";

    static Stream<Arguments> whole() {
        return Stream.of(
                arguments("", "the configuration is empty (m.yml)"),
                arguments("# nothing\n", "the configuration is empty (m.yml)"),
                arguments("---\n~\n", "the configuration is empty (m.yml:2:1)"),
                arguments("linear", "the configuration must be a mapping, found 'linear' (m.yml:1:1)"),
                arguments("- a", "the configuration must be a mapping, found a list (m.yml:1:1)"),
                arguments("models: [{model: a}]", "'merge_method' is missing in the configuration (m.yml:1:1)"),
                arguments("merge_method: ~\nmodels: []",
                        "'merge_method' is missing in the configuration (m.yml:1:1)"),
                arguments("merge_method: ''\nmodels: []", "'merge_method' must be text, found '' (m.yml:1:15)"),
                arguments("merge_method: [x]", "'merge_method' must be text, found a list (m.yml:1:15)"),
                arguments("merge_method: x", "none of models, slices and modules is given (m.yml:1:1)"),
                arguments("merge_method: x\nmodels: []\nslices:\nmodules: {}",
                        "none of models, slices and modules is given (m.yml:1:1)"),
                arguments(HEAD + "slices:\n- sources: [{model: a, layer_range: [0, 1]}]",
                        "'slices' cannot be given together with 'models' (m.yml:3:1)"),
                arguments("merge_method: x\nmodels: a", "'models' must be a list, found 'a' (m.yml:2:9)"),
                arguments("merge_method: x\nmodels:\n- a",
                        "an item of 'models' must be a mapping, found 'a' (m.yml:3:3)"),
                arguments("merge_method: x\nmodels:\n- parameters: {}",
                        "'model' is missing in an item of 'models' (m.yml:3:3)"),
                arguments("merge_method: x\nmodels:\n- model:\n",
                        "'model' is missing in an item of 'models' (m.yml:3:3)"),
                arguments("merge_method: x\nmodels:\n- model: a\n- model: b\n- model: a\n",
                        "model 'a' is listed twice under 'models', first at line 3 column 3 (m.yml:5:3)"),
                arguments("merge_method: x\nmodels:\n- &m {model: a}\n- *m\n",
                        "model 'a' is listed twice under 'models', first at line 3 column 3 (m.yml:4:3)"),
                arguments("merge_method: x\nmodels:\n- model: a\n  layer_range: [0, 2]\n",
                        "'layer_range' has no meaning under 'models', where all layers take part (m.yml:4:3)"),
                arguments(HEAD + "---\n" + HEAD,
                        "a second YAML document begins here, where one is expected (m.yml:3:1)"),
                arguments(HEAD + "merge_method: ties",
                        "key 'merge_method' is given twice, first at line 1 column 1 (m.yml:3:1)"),
                arguments(HEAD + "tokenizer: {source: base}\ntokenizer_source: base",
                        "'tokenizer_source' cannot be given together with 'tokenizer' (m.yml:4:1)"),
                arguments(HEAD + "? [a]\n: b", "a key must be text, found a list (m.yml:3:3)"),
                arguments(HEAD + "dtype: [float32]", "'dtype' must be text, found a list (m.yml:3:8)"),
                arguments(HEAD + "chat_template: ' '", "'chat_template' must be text, found ' ' (m.yml:3:16)"),
                arguments(HEAD + "base_model: a+b+c",
                        "model reference 'a+b+c' has more than one '+' (m.yml:3:13)"),
                arguments(HEAD + "base_model: {path: a}", "unknown key 'path' in 'base_model' (m.yml:3:14)"),
                arguments(HEAD + "base_model: {model: {path: }}", "'path' is missing in 'model' (m.yml:3:22)"),
                arguments(HEAD + "base_model: [a]", "'base_model' must be a mapping, found a list (m.yml:3:13)"));
    }

    static Stream<Arguments> slices() {
        String range = SLICES + "  - model: a\n    layer_range: ";
        return Stream.of(
                arguments(SLICES, "'sources' is missing in an item of 'slices' (m.yml:3:3)"),
                arguments("merge_method: x\nslices: [{sources: []}]", "a slice without sources (m.yml:2:10)"),
                arguments(SLICES + "  - model: a", "'layer_range' is missing in an item of 'sources' (m.yml:4:5)"),
                arguments(range + "4", "'layer_range' must be a list, found '4' (m.yml:5:18)"),
                arguments(range + "[4]", "'layer_range' must be two integers, found 1 items (m.yml:5:18)"),
                arguments(range + "[0, 1, 2]", "'layer_range' must be two integers, found 3 items (m.yml:5:18)"),
                arguments(range + "[3, 2]", "layer_range [3, 2] is empty, reversed or negative (m.yml:5:18)"),
                arguments(range + "[2, 2]", "layer_range [2, 2] is empty, reversed or negative (m.yml:5:18)"),
                arguments(range + "[-1, 2]", "layer_range [-1, 2] is empty, reversed or negative (m.yml:5:18)"),
                arguments(range + "[0, 1.5]",
                        "the end of 'layer_range' must be an integer, found '1.5' (m.yml:5:22)"),
                arguments(range + "[false, 2]",
                        "the start of 'layer_range' must be an integer, found 'false' (m.yml:5:19)"),
                arguments(range + "[0, 4294967296]",
                        "the end of 'layer_range' must be an integer below 2^31, found '4294967296' (m.yml:5:22)"),
                arguments(range + "[0, x]", "the end of 'layer_range' must be a number, found 'x' (m.yml:5:22)"),
                arguments(range + "[0, 2]\n  - model: b\n    layer_range: [2, 5]",
                        "sources of one slice take different numbers of layers, 2 of 'a' and 3 of 'b' (m.yml:7:18)"),
                arguments(range + "[0, 2]\n  - model: a\n    layer_range: [2, 4]",
                        "model 'a' is listed twice in one slice, first at line 4 column 5 (m.yml:6:5)"),
                arguments("merge_method: x\nmodules: {m: {}}", "none of models and slices is given (m.yml:2:14)"),
                arguments("merge_method: x\nmodules: {m: }",
                        "module 'm' must be a mapping, found nothing (m.yml:2:13)"),
                arguments("merge_method: x\nmodules: {m: {models: [{model: a}], slices: [{}]}}",
                        "'slices' cannot be given together with 'models' (m.yml:2:37)"));
    }

    static Stream<Arguments> parameters() {
        return Stream.of(
                arguments("3", "'parameters' must be a mapping, found '3' (m.yml:3:13)"),
                arguments("{t: }", "'t' must be a number, found nothing (m.yml:3:16)"),
                arguments("{t: ' abc'}", "'t' must be a number, found ' abc' (m.yml:3:17)"),
                arguments("{t: [sum, mean]}", "each item of 't' must be a number, found 'sum' (m.yml:3:18)"),
                arguments("{t: {value: [sum]}}", "each item of 't' must be a number, found 'sum' (m.yml:3:26)"),
                arguments("{t: [{value: sum}, mean]}", "'t' mixes values with conditions, found 'mean' (m.yml:3:32)"),
                arguments("{t: 'true'}", "'t' must be a number, found 'true' (m.yml:3:17)"),
                arguments("{t: 2024-01-01}", "'t' must be a number, found '2024-01-01' (m.yml:3:17)"),
                arguments("{t: .nan}", "'t' must be a finite number, found '.nan' (m.yml:3:17)"),
                arguments("{t: [0, -.inf]}", "each item of 't' must be a finite number, found '-.inf' (m.yml:3:21)"),
                arguments("{t: 1e999}", "'t' must be a finite number, found '1e999' (m.yml:3:17)"),
                arguments("{t: []}", "'t' is an empty list (m.yml:3:17)"),
                arguments("{t: [0, ~]}", "each item of 't' must be a number, found nothing (m.yml:3:21)"),
                arguments("{t: [0, [1]]}", "each item of 't' must be a number, found a list (m.yml:3:21)"),
                arguments("{t: [{value: 1}, 2]}", "'t' mixes values with conditions, found '2' (m.yml:3:30)"),
                arguments("{t: [1, {value: 1}]}", "'t' mixes values with conditions, found '1' (m.yml:3:18)"),
                arguments("{t: {filter: mlp}}", "'value' is missing in a condition of 't' (m.yml:3:17)"),
                arguments("{t: {value: ~}}", "'value' is missing in a condition of 't' (m.yml:3:18)"),
                arguments("{t: {value: []}}", "'t' is an empty list (m.yml:3:25)"),
                arguments("{t: {value: {value: 1}}}", "'t' must be a number, found a mapping (m.yml:3:25)"),
                arguments("{t: [{value: [{value: 1}]}]}",
                        "each item of 't' must be a number, found a mapping (m.yml:3:27)"),
                arguments("{t: {value: 1, filter: [a]}}", "'filter' must be text, found a list (m.yml:3:36)"),
                arguments("{t: !!int x}", "'x' does not fit its tag 'tag:yaml.org,2002:int' (m.yml:3:17)"),
                arguments("{t: !foo 1}", "YAML tag '!foo' has no meaning here (m.yml:3:17)"));
    }

    @ParameterizedTest
    @MethodSource({"whole", "slices"})
    void refuses(String text, String message) {
        ConfigException error = catchThrowableOfType(ConfigException.class, () -> TestConfigs.parse(text));
        assertThat(error).hasMessage(message);
        assertThat(error.hint()).isNotBlank().doesNotContain("\n");
        assertThat(error.exitCode()).isEqualTo(ExitCode.CONFIG);
    }

    @ParameterizedTest
    @MethodSource("parameters")
    void refusesParameters(String parameters, String message) {
        refuses(HEAD + "parameters: " + parameters, message);
    }

    @Test
    void saysHowToWriteANumberThatOnlyYaml12Reads() {
        ConfigException error = catchThrowableOfType(
                ConfigException.class, () -> TestConfigs.linear("parameters: {t: 0o14}"));
        assertThat(error).hasMessage("'t' must be a number, found '0o14' (m.yml:3:17)");
        assertThat(error.hint()).isEqualTo("write it as a decimal number: 12");
    }

    static Stream<Arguments> unknownKeys() {
        return Stream.of(
                arguments(HEAD + "out_type: float16", "unknown key 'out_type' in the configuration (m.yml:3:1)",
                        "did you mean 'out_dtype'?"),
                arguments(HEAD + "Parameters: {}", "unknown key 'Parameters' in the configuration (m.yml:3:1)",
                        "did you mean 'parameters'?"),
                arguments("merge_method: x\nmodels:\n- model: a\n  paramters: {}",
                        "unknown key 'paramters' in an item of 'models' (m.yml:4:3)", "did you mean 'parameters'?"),
                arguments("merge_method: x\nslices:\n- source: []",
                        "unknown key 'source' in an item of 'slices' (m.yml:3:3)", "did you mean 'sources'?"),
                arguments(SLICES + "  - model: a\n    layer-range: [0, 1]",
                        "unknown key 'layer-range' in an item of 'sources' (m.yml:5:5)", "did you mean 'layer_range'?"),
                arguments(HEAD + "parameters: {t: {filters: a, value: 1}}",
                        "unknown key 'filters' in a condition of 't' (m.yml:3:18)", "did you mean 'filter'?"),
                arguments(HEAD + "base_model: {model: {path: a, revison: b}}",
                        "unknown key 'revison' in 'model' (m.yml:3:31)", "did you mean 'revision'?"),
                arguments("merge_method: x\nmodules: {m: {model: []}}",
                        "unknown key 'model' in module 'm' (m.yml:2:15)", "did you mean 'models'?"),
                arguments(HEAD + "tokenizer: {sources: base}",
                        "unknown key 'sources' in 'tokenizer' (m.yml:3:13)", "did you mean 'source'?"),
                arguments(HEAD + "tokenizer: {tokens: {x: {forced: true}}}",
                        "unknown key 'forced' in token 'x' (m.yml:3:26)", "did you mean 'force'?"),
                arguments(HEAD + "normalize: true", "unknown key 'normalize' in the configuration (m.yml:3:1)",
                        "Known here are merge_method, models,"));
    }

    @ParameterizedTest
    @MethodSource("unknownKeys")
    void refusesUnknownKeysAtEveryLevelAndNamesTheNearestOne(String text, String message, String hint) {
        ConfigException error = catchThrowableOfType(ConfigException.class, () -> TestConfigs.parse(text));
        assertThat(error).hasMessage(message);
        assertThat(error.hint()).startsWith(hint).contains("Known here are ");
    }

    @Test
    void messagesStayOnOneLineWhateverTheTextHolds() {
        assertThatThrownBy(() -> MergeConfig.parse(HEAD + "\"a\\nb\\e\\u2028\": 1", "odd\nname.yml"))
                .hasMessage("unknown key 'a\\nb\\u001b\\u2028' in the configuration (odd\\nname.yml:3:1)");
        assertThatThrownBy(() -> TestConfigs.linear("x".repeat(900) + ": 1"))
                .hasMessage("unknown key '" + "x".repeat(80) + "...' in the configuration (m.yml:3:1)");
    }

    @Test
    void loadNamesTheFileThatItCannotRead(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("none.yml");
        assertThatThrownBy(() -> MergeConfig.load(missing)).isInstanceOf(ConfigException.class)
                .hasMessage("the configuration file does not exist (" + missing + ")");
        assertThatThrownBy(() -> MergeConfig.load(folder)).isInstanceOf(ConfigException.class)
                .hasMessageContaining("it is a directory (" + folder + ")");
        Path latin1 = Files.write(folder.resolve("latin1.yml"), new byte[] {'a', (byte) 0xe9});
        assertThatThrownBy(() -> MergeConfig.load(latin1)).isInstanceOf(ConfigException.class)
                .hasMessage("the configuration file is not UTF-8 text (" + latin1 + ")");
    }
}
