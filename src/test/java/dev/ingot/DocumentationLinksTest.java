// SPDX-License-Identifier: Apache-2.0
package dev.ingot;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every relative link of every Markdown page leads to a file of the repository, and every anchor to a heading. */
class DocumentationLinksTest {
    private static final Pattern FENCED = Pattern.compile("(?ms)^ *(```+|~~~+).*?^ *\\1 *$");
    private static final Pattern CODE = Pattern.compile("(`+)(?!`).+?(?<!`)\\1(?!`)");
    private static final Pattern LINK = Pattern.compile("\\]\\(\\s*<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\s*\\)"
            + "|(?m:^ *\\[[^\\]]+\\]:\\s*(\\S+))|\\b(?:src|href|srcset)=\"([^\"]+)\"");
    private static final Pattern ABSOLUTE = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");
    private static final Pattern HEADING = Pattern.compile("(?m)^ {0,3}#{1,6} +(.+?)(?: +#+)?$");
    private static final Pattern ANCHOR = Pattern.compile("<[^>]+\\b(?:id|name)=\"([^\"]+)\"");

    @Test
    void linksLeadSomewhere() {
        List<Path> pages = RepositoryFiles.matching(path -> path.toString().endsWith(".md"));
        assertThat(pages).contains(Path.of("docs/architecture.md"));
        List<String> broken = new ArrayList<>();
        int relative = 0;
        for (Path page : pages) {
            for (String link : links(RepositoryFiles.text(page))) {
                if (!ABSOLUTE.matcher(link).matches()) {
                    relative++;
                    if (!leadsSomewhere(page, link)) {
                        broken.add(page + ": " + link);
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(relative).isGreaterThan(20);
    }

    @Test
    void linksAndAnchorsAreReadAsGitHubDoes() {
        String page = """
                # A `b_c`, d & [e](f.md "title")
                ## Twice
                ![g](<h.svg>) `[no](code)` <img src="i.png"> <a id="own"></a>
                ```
                ## [no](fence)
                ```
                ## Twice
                [j]: k.md#l
                """;
        assertThat(links(page)).containsExactly("f.md", "h.svg", "i.png", "k.md#l");
        assertThat(anchors(page)).containsExactlyInAnyOrder("a-b_c-d--e", "twice", "twice-1", "own");
        assertThat(leadsSomewhere(Path.of("docs/architecture.md"), "architecture.svg")).isTrue();
        assertThat(leadsSomewhere(Path.of("docs/architecture.md"), "../../outside.md")).isFalse();
        assertThat(leadsSomewhere(Path.of("docs/architecture.md"), "missing.md")).isFalse();
        assertThat(leadsSomewhere(Path.of("docs/architecture.md"), "#missing")).isFalse();
    }

    private static boolean leadsSomewhere(Path page, String link) {
        int hash = link.indexOf('#');
        String file = URI.create(hash < 0 ? link : link.substring(0, hash)).getPath();
        Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (target.startsWith("..") || !Files.exists(RepositoryFiles.ROOT.resolve(target))) {
            return false;
        }
        // Other anchors, such as lines of source files, are a matter of the site that shows them.
        return hash < 0
                || !target.toString().endsWith(".md")
                || anchors(RepositoryFiles.text(target)).contains(link.substring(hash + 1));
    }

    private static List<String> links(String page) {
        List<String> links = new ArrayList<>();
        Matcher matcher = LINK.matcher(CODE.matcher(FENCED.matcher(page).replaceAll("")).replaceAll(""));
        while (matcher.find()) {
            links.add(Stream.of(1, 2, 3).map(matcher::group).filter(group -> group != null).findFirst().orElseThrow());
        }
        return links;
    }

    private static Set<String> anchors(String page) {
        String text = FENCED.matcher(page).replaceAll("");
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        HEADING.matcher(text).results().forEach(heading -> {
            String slug = slug(heading.group(1));
            int before = seen.merge(slug, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? slug : slug + "-" + before);
        });
        ANCHOR.matcher(text).results().forEach(anchor -> anchors.add(anchor.group(1)));
        return anchors;
    }

    private static String slug(String heading) {
        return heading.replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                .replace(' ', '-');
    }
}
