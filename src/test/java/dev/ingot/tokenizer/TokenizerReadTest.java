// SPDX-License-Identifier: Apache-2.0
package dev.ingot.tokenizer;

import static dev.ingot.tokenizer.TestTokenizer.bpe;
import static dev.ingot.tokenizer.TestTokenizer.put;
import static dev.ingot.tokenizer.TestTokenizer.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ingot.error.CheckpointException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizer files of all kinds, good and bad. */
class TokenizerReadTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "BPE        | {'type':'BPE','merges':['x y'],'vocab':{'x':0,'y':1,'xy':2}}",
        "BPE        | {'merges':[['x','y']],'vocab':{'x':0,'y':1,'xy':2},'type':'BPE'}",
        "BPE        | {'vocab':{'x':0,'y':1,'xy':2},'merges':[]}",
        "WORD_PIECE | {'type':'WordPiece','continuing_subword_prefix':'##','vocab':{'x':0,'y':1,'xy':2}}",
        "WORD_PIECE | {'continuing_subword_prefix':'##','vocab':{'x':0,'y':1,'xy':2}}",
        "WORD_LEVEL | {'type':'WordLevel','vocab':{'x':0,'y':1,'xy':2}}",
        "WORD_LEVEL | {'vocab':{'xy':2,'x':0,'y':1},'unk_token':null}",
        "UNIGRAM    | {'type':'Unigram','vocab':[['x',0],['y',-1.5],['xy',-2e3]]}",
        "UNIGRAM    | {'vocab':[['x',0],['y',-1.5],['xy',-2e3]]}",
    })
    void allKindsOfModels(ModelKind kind, String model) {
        Tokenizer tokenizer = read("{'added_tokens':null,'model':" + model + "}");
        assertThat(tokenizer.kind()).isEqualTo(kind);
        assertThat(tokens(tokenizer.vocabulary())).isEqualTo(Map.of(0, "x", 1, "y", 2, "xy"));
    }

    private Tokenizer read(String json) {
        return TestTokenizer.write(folder, TokenizerFiles.FAST, json.replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "[]",
        "{}",
        "{'model':null}",
        "{'model':{}}",
        "{'model':{'type':'BPE','vocab':{}}}",
        "{'model':{'type':'Tiktoken','vocab':{'x':0}}}",
        "{'model':{'type':'BPE','vocab':[['x',0]]}}",
        "{'model':{'type':'Unigram','vocab':{'x':0}}}",
        "{'model':{'type':'Unigram','vocab':[['x']]}}",
        "{'model':{'type':'Unigram','vocab':[['x',0,0]]}}",
        "{'model':{'vocab':{'x':-1}}}",
        "{'model':{'vocab':{'x':1.5}}}",
        "{'model':{'vocab':{'x':2097152}}}",
        "{'model':{'vocab':{'x':99999999999999999999999}}}",
        "{'model':{'vocab':{'x':0,'x':1}}}",
        "{'model':{'vocab':{'\\ud800':0}}}",
        "{'model':{'vocab':{'\\udc00\\ud800':0}}}",
        "{'model':{'vocab':{'x':0},'merges':['x']}}",
        "{'model':{'vocab':{'x':0},'merges':['x x x']}}",
        "{'model':{'vocab':{'x':0},'merges':[['x']]}}",
        "{'model':{'vocab':{'x':0},'merges':[['x','x','x']]}}",
        "{'model':{'vocab':{'x':0}},'added_tokens':[{'id':1}]}",
        "{'model':{'vocab':{'x':0}},'added_tokens':[{'content':'y'}]}",
        "{'model':{'vocab':{'x':0}},'added_tokens':[{'id':-1,'content':'y'}]}",
        "{'model':{'vocab':{'x':0}},'added_tokens':[{'id':1,'content':'y','special':1}]}",
        "{'model':{'vocab':{'x':0}},'added_tokens':{}}",
        "{'model':{'vocab':{'x':0}}",
        "{'model':{'vocab':{'x':0}}} x",
    })
    void badFilesAreRefused(String json) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("tokenizer.json:1:")
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1))
                .satisfies(e -> assertThat(((CheckpointException) e).hint().lines()).hasSize(1));
    }

    @Test
    void anAddedTokenStandsForItsId() {
        Vocabulary vocabulary = bpe("x", "reserved").added("<b>", 1).in(folder).vocabulary();
        assertThat(vocabulary.token(1)).isEqualTo("<b>");
        assertThat(vocabulary.id("reserved")).hasValue(1);
        assertThat(vocabulary.id("<b>")).hasValue(1);
        assertThat(vocabulary.id("none")).isEmpty();
        assertThat(vocabulary.token(2)).isNull();
        assertThat(vocabulary.token(-1)).isNull();
    }

    @Test
    void otherFilesNameFurtherTokens() {
        put(folder, "tokenizer_config.json", "{\"added_tokens_decoder\":{\"2\":{\"content\":\"<c>\",\"special\":true},"
                + "\"1\":{\"content\":\"taken\"},\"0\":{\"content\":\"x\"}},\"chat_template\":5}");
        put(folder, "added_tokens.json", "{\"<d>\":3,\"<c>\":9}");
        Tokenizer tokenizer = bpe("x").added("<s>", 1).in(folder);
        assertThat(tokens(tokenizer.vocabulary())).isEqualTo(Map.of(0, "x", 1, "<s>", 2, "<c>", 3, "<d>"));
        assertThat(tokenizer.chatTemplate()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "tokenizer_config.json | []",
        "tokenizer_config.json | {'added_tokens_decoder':[]}",
        "tokenizer_config.json | {'added_tokens_decoder':{'a':{'content':'y'}}}",
        "tokenizer_config.json | {'added_tokens_decoder':{'99999999':{'content':'y'}}}",
        "tokenizer_config.json | {'added_tokens_decoder':{'1':{}}}",
        "tokenizer_config.json | {'chat_template':[1]}",
        "added_tokens.json     | {'x':'y'}",
        "added_tokens.json     | 5",
    })
    void badFilesBesideItAreRefused(String name, String json) {
        put(folder, name, json.replace('\'', '"'));
        assertThatThrownBy(() -> bpe("x").in(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(name + ":1:");
    }

    @Test
    void olderFilesAreRead() {
        put(folder, "vocab.json", "{\"x\":0,\"y\":1,\"xy\":2}");
        assertThat(Tokenizer.read(folder).orElseThrow().kind()).isEqualTo(ModelKind.WORD_LEVEL);
        put(folder, "merges.txt", "#version: 0.2\nx y\n");
        Tokenizer tokenizer = Tokenizer.read(folder).orElseThrow();
        assertThat(tokenizer.kind()).isEqualTo(ModelKind.BPE);
        assertThat(tokenizer.merges().joined(0)).isEqualTo(2);
        put(folder, "merges.txt", "x y z\n");
        assertThatThrownBy(() -> Tokenizer.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("merges.txt:1: a merge must be two tokens");
        put(folder.resolve("bert"), "vocab.txt", "x\n##y\n");
        assertThat(tokens(Tokenizer.read(folder.resolve("bert")).orElseThrow().vocabulary()))
                .isEqualTo(Map.of(0, "x", 1, "##y"));
        put(folder.resolve("empty"), "vocab.txt", "");
        assertThatThrownBy(() -> Tokenizer.read(folder.resolve("empty"))).isInstanceOf(CheckpointException.class);
    }

    @Test
    void aSentencePieceModelAloneIsRefused() {
        assertThat(Tokenizer.read(folder)).isEmpty();
        put(folder, "tokenizer.model", "x");
        assertThatThrownBy(() -> Tokenizer.read(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("SentencePiece")
                .satisfies(e -> assertThat(((CheckpointException) e).hint()).contains("save_pretrained"));
    }
}
