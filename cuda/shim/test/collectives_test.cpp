// SPDX-License-Identifier: Apache-2.0
//
// Shuffles and votes of a warp against the definitions in the CUDA C++ programming guide, worked out per lane.
#include "launching.h"

// x = its own number, so the expected value is the number of the thread that it comes from.
static int32_t expected(int64_t choice, int t) {
    const int lane = t % 32, warp = t - lane, segment = t - t % 8, place = t % 8;
    switch (choice) {
        case 0: return warp + (lane + 5) % 32;
        case 1: return lane < 3 ? t : t - 3;
        case 2: return lane > 28 ? t : t + 3;
        case 3: return warp + (lane ^ 17);
        case 4: return segment + 3;
        case 5: return place < 3 ? t : t - 3;
        case 6: return place > 4 ? t : t + 3;
        // Reaches the segment before, but not the one behind.
        case 7: return (lane ^ 9) > (lane | 7) ? t : warp + (lane ^ 9);
        case 8: return (int32_t)0xAAAAAAAAu;
        case 9: return warp == 32;
        case 10: return warp == 32;
        case 11: return (int32_t)(0x11111111u << t % 4);
        case 12: return t ^ 1;
        default: return lane < 16 ? t ^ 1 : t ^ 2;
    }
}

int main() {
    device_ints in(64), out(64);
    in.count_up();
    for (const char *sequence : orders) {
        for (int64_t choice = 0; choice <= 13; choice++) {
            run_well("test_warp", {in.data, out.data, 0, choice}, {1, 1, 1}, {64, 1, 1}, sequence);
            for (int t = 0; t < 64; t++) {
                CHECK(out[t] == expected(choice, t), "%s, case %" PRId64 ", thread %d: %d instead of %d", sequence, choice, t,
                      out[t], expected(choice, t));
            }
        }
    }
    return finish("collectives");
}
