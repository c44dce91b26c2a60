// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** Finds the known name that a misspelt one probably means. */
public final class NearestName {
    private NearestName() {}

    /**
     * The known name with the smallest edit distance, if it is near enough to be worth a suggestion (at most one
     * edit per three characters, at least one). Case does not count, neither do {@code -}, {@code _} and blanks.
     * Among equally near names the first one of the collection wins, so pass an ordered one.
     *
     * @param name  the name that was not found
     * @param known the names that would have been
     */
    public static Optional<String> suggest(String name, Collection<String> known) {
        String wanted = fold(name);
        int allowed = Math.max(1, wanted.length() / 3);
        String best = null;
        int bestDistance = allowed + 1;
        for (String candidate : known) {
            String folded = fold(candidate);
            if (Math.abs(folded.length() - wanted.length()) < bestDistance) {
                int distance = distance(wanted, folded);
                // "t" is one edit away from every one-letter word: a suggestion must share something
                if (distance < bestDistance && distance < Math.max(wanted.length(), folded.length())) {
                    best = candidate;
                    bestDistance = distance;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    private static String fold(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[-_\\s]", "");
    }

    /** Optimal string alignment: insert, delete, replace, and swap of neighbours cost one each. */
    private static int distance(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replace, 1 + Math.min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.length()];
    }
}
