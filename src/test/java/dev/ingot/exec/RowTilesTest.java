// SPDX-License-Identifier: Apache-2.0
package dev.ingot.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ingot.kernel.Kernels;
import org.junit.jupiter.api.Test;

class RowTilesTest {
    @Test
    void tilesFollowOneAnotherAndStartWithSegments() {
        long tile = 2L * Kernels.CHUNK;
        for (long row : new long[] {0, 1, 7, 1000, Kernels.CHUNK, tile + 3, 3 * tile}) {
            for (long rows : new long[] {0, 1, 2, 7, 100, 70_000}) {
                long elements = rows * Math.max(1, row);
                for (boolean whole : new boolean[] {false, true}) {
                    check(new RowTiles(elements, row, tile, whole));
                }
            }
        }
    }

    private static void check(RowTiles tiles) {
        long end = 0;
        for (int tile = 0; tile < tiles.number(); tile++) {
            assertThat(tiles.start(tile)).as("%s, tile %d", tiles, tile).isEqualTo(end);
            assertThat(tiles.count(tile)).as("%s, tile %d", tiles, tile).isPositive();
            long column = tiles.rowLength() == 0 ? tiles.start(tile) : tiles.start(tile) % tiles.rowLength();
            assertThat(column % Kernels.CHUNK).as("%s, tile %d", tiles, tile).isZero();
            if (tiles.wholeRows()) {
                assertThat(column).as("%s, tile %d", tiles, tile).isZero();
            } else {
                assertThat(tiles.count(tile)).as("%s, tile %d", tiles, tile).isLessThanOrEqualTo(tiles.tileElements());
            }
            end += tiles.count(tile);
        }
        assertThat(end).as("%s", tiles).isEqualTo(tiles.elements());
    }
}
