// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.error.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A configuration of one or several documents, each a merge; those with a name may stand as models in others (mergekit.md 4.7).
 *
 * @param stages   in an order in which every merge comes after those whose results it needs, the final one last
 * @param warnings what was read but probably not meant, besides the warnings of each merge
 */
public record MergeStages(List<MergeStage> stages, List<ConfigWarning> warnings) {
    /** Names become directories. */
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{N}_. -]{0,99}");

    /** Copies the lists. */
    public MergeStages {
        stages = List.copyOf(stages);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads a YAML file.
     *
     * @throws ConfigException if it cannot be read or is not a valid configuration
     */
    public static MergeStages load(Path file) {
        return parse(SourceText.read(file), file.toString());
    }

    /**
     * Reads YAML text.
     *
     * @param text       YAML of one or more documents
     * @param sourceName what messages call it, such as a file name
     * @throws ConfigException if it is not a valid configuration
     */
    public static MergeStages parse(String text, String sourceName) {
        List<MergeStage> documents = ConfigReader.readAll(text, sourceName);
        return documents.size() == 1 ? new MergeStages(documents, List.of()) : new Order(documents).stages(text);
    }

    /** The merges whose results this one needs. */
    public List<MergeStage> needs(MergeStage stage) {
        Set<String> paths = stage.paths();
        return stages.stream().filter(other -> other.name().filter(paths::contains).isPresent()).toList();
    }

    /** Finds the order of several documents. */
    private static final class Order {
        private final Map<String, MergeStage> named = new LinkedHashMap<>();
        private final Set<String> wanted = new LinkedHashSet<>();
        private final List<MergeStage> documents;
        private final Set<MergeStage> ordered = new LinkedHashSet<>();

        Order(List<MergeStage> documents) {
            this.documents = documents;
            for (MergeStage stage : documents) {
                stage.name().ifPresent(name -> add(name, stage));
                wanted.addAll(stage.paths());
            }
        }

        private void add(String name, MergeStage stage) {
            if (!NAME.matcher(name).matches() || name.endsWith(" ")) {
                throw stage.position().error(
                        "merge name " + Quote.of(name) + " cannot be the name of a directory",
                        "use letters, digits, '_', '-', '.' and blanks, at most 100, beginning with a letter or digit");
            }
            MergeStage before = named.put(name, stage);
            if (before != null) {
                throw stage.position().error(
                        "merge name " + Quote.of(name) + " is given twice, first at line " + before.position().line(),
                        "give each merge its own name");
            }
        }

        MergeStages stages(String text) {
            MergeStage last = last();
            documents.stream().filter(stage -> stage != last).forEach(stage -> visit(stage, new ArrayList<>()));
            visit(last, new ArrayList<>());
            List<ConfigWarning> warnings = ordered.stream()
                    .filter(stage -> stage != last && !wanted.contains(stage.name().orElseThrow()))
                    .map(stage -> new ConfigWarning(
                            "no other merge uses the result of " + Quote.of(stage.name().orElseThrow()), stage.position()))
                    .toList();
            List<MergeStage> stages = new ArrayList<>(ordered);
            stages.add(stages.removeLast().withText(text));
            return new MergeStages(stages, warnings);
        }

        /** The one without a name; where all have one, the one that no other refers to. */
        private MergeStage last() {
            List<MergeStage> unnamed = documents.stream().filter(stage -> stage.name().isEmpty()).toList();
            if (unnamed.size() > 1) {
                throw unnamed.get(1).position().error(
                        "this merge has no name, and neither has the one at line " + unnamed.getFirst().position().line(),
                        "give every merge but the final one a 'name'");
            }
            List<MergeStage> ends = !unnamed.isEmpty()
                    ? unnamed
                    : documents.stream().filter(stage -> !wanted.contains(stage.name().orElseThrow())).toList();
            if (ends.size() > 1) {
                throw ends.getLast().position().error(
                        "several merges could be the final one, " + Quote.of(ends.getFirst().name().orElseThrow()) + " and "
                                + Quote.of(ends.getLast().name().orElseThrow()),
                        "leave out the name of the one whose result goes to the output directory");
            }
            if (ends.isEmpty()) {
                documents.forEach(stage -> visit(stage, new ArrayList<>()));
                throw new IllegalStateException("without an end there is a cycle");
            }
            return ends.getFirst();
        }

        private void visit(MergeStage stage, List<String> path) {
            if (ordered.contains(stage)) {
                return;
            }
            String name = stage.name().orElse("");
            if (path.contains(name)) {
                List<String> cycle = new ArrayList<>(path.subList(path.indexOf(name), path.size()));
                cycle.add(name);
                throw stage.position().error(
                        "merge " + Quote.of(name) + " needs its own result: " + Quote.clip(String.join(" -> ", cycle)),
                        "a merge can use results of merges that do not depend on it");
            }
            path.add(name);
            for (String wanted : stage.paths()) {
                Optional.ofNullable(named.get(wanted)).ifPresent(needed -> visit(needed, path));
            }
            path.removeLast();
            ordered.add(stage);
        }
    }
}
