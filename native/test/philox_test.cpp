// SPDX-License-Identifier: Apache-2.0
//
// Known answers of the Random123 distribution (kat_vectors, philox4x32 with 10 rounds), then whole masks of every
// instruction set against the word-by-word generator.
#include "ingot/math/philox.h"
#include "oracle.h"

namespace {

struct known_answer {
    uint32_t counter[4];
    uint64_t key;
    uint32_t words[4];
};

const known_answer known[] = {
    {{0, 0, 0, 0}, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     0xffffffffffffffffu,
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     0x299f31d0a4093822u,
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

void check_known() {
    for (const known_answer &a : known) {
        ingot::philox_block<uint64_t> blocks[1] = {{a.counter[0], a.counter[1], a.counter[2], a.counter[3]}};
        ingot::philox4x32_10(blocks, ingot::philox_keys<uint64_t>(a.key));
        const uint64_t words[4] = {blocks[0].w0, blocks[0].w1, blocks[0].w2, blocks[0].w3};
        uint32_t reference[4];
        memcpy(reference, a.counter, sizeof reference);
        philox(reference, a.key);
        for (int j = 0; j < 4; j++) {
            CHECK((uint32_t)words[j] == a.words[j], "word %d is %08x", j, (uint32_t)words[j]);
            CHECK(reference[j] == a.words[j], "the test's own generator: word %d is %08x", j, reference[j]);
        }
    }
}

// With base 0, models 1, weight 1 the output is the mask.
void check_masks(const char *isa) {
    for (int64_t start :
         {(int64_t)0, (int64_t)1, (int64_t)6, (int64_t)16379, ((int64_t)1 << 34) - 7, ((int64_t)1 << 45) + 3}) {
        for (int64_t n : {1, 5, 64, 1000, 2111}) {
            std::vector<float> base((size_t)n, 0.0f), model((size_t)n, 1.0f), out((size_t)n);
            const ingot_mask_spec mask = {INGOT_MASK_RANDOM, 0, 0, 0x0123456789abcdefu, 0x60000000u, 0};
            const ingot_delta_term term = {{model.data(), INGOT_F32, 0}, mask, 1.0f, 1.0f};
            const ingot_delta_merge_args args = {
                {base.data(), INGOT_F32, 0}, {out.data(), INGOT_F32, 0}, &term, start, n, 1, 0, 0, 1.0f, 1.0f, 0};
            CHECK(ingot_delta_merge(&args) == INGOT_OK, "%s", isa);
            for (int64_t i = 0; i < n; i++) {
                CHECK((out[(size_t)i] != 0) == is_kept(mask, start + i, 1, 0), "%s start %" PRId64 " element %" PRId64,
                      isa, start, i);
            }
        }
    }
}

}  // namespace

int main() {
    check_known();
    for_each_isa(check_masks);
    return finish("philox");
}
