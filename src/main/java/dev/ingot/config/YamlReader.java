// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.config.ScalarReading.Kind;
import dev.ingot.config.YamlNode.Entry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.Event.ID;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * Reads a YAML document into a tree. Limits on depth and on the number of nodes with all aliases written out hold
 * while reading, so that hostile text ends in an error before it costs time or memory.
 */
final class YamlReader {
    /** Deepest nesting, aliases written out. The dialect itself needs ten levels. */
    static final int DEEPEST = 64;

    /** Most nodes, aliases written out. */
    static final int MOST_NODES = 500_000;

    /** Most documents, empty ones included. */
    static final int MOST_DOCUMENTS = 100;

    private static final String TAGS = "tag:yaml.org,2002:";
    private static final String MERGE = "<<";

    /** A finished subtree with its size and height, aliases written out. */
    private record Built(YamlNode node, int nodes, int height) {}

    private final YamlEvents events;
    private final Map<Anchor, Built> anchors = new HashMap<>();
    private final Set<Anchor> open = new HashSet<>();
    private int read;

    private YamlReader(YamlEvents events) {
        this.events = events;
    }

    /**
     * One of several documents.
     *
     * @param root its tree
     * @param line the line at which it begins, counted from 0
     */
    record Document(YamlNode root, int line) {}

    /** Reads text of any number of documents; those that are empty are left out. */
    static List<Document> readAll(String text, Position whole) {
        YamlEvents events = open(text, whole);
        List<Document> documents = new ArrayList<>();
        int read = 0;
        for (Event start = events.next(); start.getEventId() != ID.StreamEnd; start = events.next()) {
            Position position = events.start(start);
            if (++read > MOST_DOCUMENTS) {
                throw position.error(
                        "the configuration has more than " + MOST_DOCUMENTS + " YAML documents",
                        "split it into several files");
            }
            YamlNode root = new YamlReader(events).node(events.next(), 1).node();
            events.next();
            if (!root.isAbsent()) {
                documents.add(new Document(root, Math.max(0, position.line() - 1)));
            }
        }
        return documents;
    }

    private static YamlEvents open(String text, Position whole) {
        SourceText.check(text, whole);
        YamlEvents events = new YamlEvents(text.startsWith("\uFEFF") ? text.substring(1) : text, whole);
        events.next();
        return events;
    }

    /** Reads text that holds exactly one document. */
    static YamlNode read(String text, Position whole) {
        YamlEvents events = open(text, whole);
        Event start = events.next();
        if (start.getEventId() == ID.StreamEnd) {
            throw whole.error("the configuration is empty", "give at least merge_method and models");
        }
        YamlReader reader = new YamlReader(events);
        YamlNode root = reader.node(events.next(), 1).node();
        events.next();
        Event after = events.next();
        if (after.getEventId() != ID.StreamEnd) {
            throw events.start(after).error(
                    "a second YAML document begins here, where one is expected",
                    "keep one document per file, and remove the other '---'");
        }
        return root;
    }

    private Built node(Event event, int depth) {
        Position position = events.start(event);
        if (depth > DEEPEST) {
            throw position.error("YAML is nested deeper than " + DEEPEST + " levels", "flatten the configuration");
        }
        if (++read > MOST_NODES) {
            throw tooMany(position);
        }
        if (event instanceof AliasEvent alias) {
            return resolve(alias, depth, position);
        }
        NodeEvent nodeEvent = (NodeEvent) event;
        Optional<Anchor> anchor = nodeEvent.getAnchor();
        anchor.ifPresent(name -> openAnchor(name, position));
        Built built = event instanceof ScalarEvent scalar
                ? new Built(scalar(scalar, position), 1, 1)
                : collection((CollectionStartEvent) event, depth, position);
        anchor.ifPresent(name -> {
            open.remove(name);
            anchors.put(name, built);
        });
        return built;
    }

    private void openAnchor(Anchor anchor, Position position) {
        if (anchors.containsKey(anchor) || !open.add(anchor)) {
            throw position.error(
                    "anchor " + Quote.of("&" + anchor.getValue()) + " is defined twice",
                    "give each anchor its own name");
        }
    }

    private Built resolve(AliasEvent event, int depth, Position position) {
        Anchor anchor = event.getAlias();
        String name = Quote.of("*" + anchor.getValue());
        if (open.contains(anchor)) {
            throw position.error("alias " + name + " stands inside of what it refers to", "write the value out");
        }
        Built built = anchors.get(anchor);
        if (built == null) {
            throw position.error(
                    "alias " + name + " has no anchor before it",
                    "define &" + Quote.clip(anchor.getValue()) + " earlier, or quote the text if no alias is meant");
        }
        if (depth + built.height() - 1 > DEEPEST) {
            throw position.error("YAML is nested deeper than " + DEEPEST + " levels", "flatten the configuration");
        }
        return new Built(at(position, built.node()), built.nodes(), built.height());
    }

    /** Messages about an aliased value point at the alias, messages about its parts at where they are written. */
    private static YamlNode at(Position position, YamlNode node) {
        return switch (node) {
            case YamlNode.Scalar scalar ->
                    new YamlNode.Scalar(scalar.text(), scalar.reading(), scalar.plain(), position);
            case YamlNode.Sequence sequence -> new YamlNode.Sequence(sequence.items(), position);
            case YamlNode.Mapping mapping -> new YamlNode.Mapping(mapping.entries(), position);
        };
    }

    private Built collection(CollectionStartEvent event, int depth, Position position) {
        boolean sequence = event.getEventId() == ID.SequenceStart;
        String expected = TAGS + (sequence ? "seq" : "map");
        if (event.getTag().filter(tag -> !tag.equals(expected) && !tag.equals("!")).isPresent()) {
            throw unknownTag(event.getTag().get(), position);
        }
        return sequence ? sequence(depth, position) : mapping(depth, position);
    }

    private Built sequence(int depth, Position position) {
        List<YamlNode> items = new ArrayList<>();
        int nodes = 1;
        int height = 0;
        for (Event event = events.next(); event.getEventId() != ID.SequenceEnd; event = events.next()) {
            Built item = node(event, depth + 1);
            items.add(item.node());
            nodes = add(nodes, item, position);
            height = Math.max(height, item.height());
        }
        return new Built(new YamlNode.Sequence(List.copyOf(items), position), nodes, height + 1);
    }

    private Built mapping(int depth, Position position) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        Entry merge = null;
        int nodes = 1;
        int height = 0;
        for (Event event = events.next(); event.getEventId() != ID.MappingEnd; event = events.next()) {
            Built key = node(event, depth + 1);
            Built value = node(events.next(), depth + 1);
            nodes = add(add(nodes, key, position), value, position);
            height = Math.max(height, value.height());
            if (!(key.node() instanceof YamlNode.Scalar name)) {
                throw key.node().position().error("a key must be text, found " + key.node().words(), "name the key");
            }
            Entry entry = new Entry(name, value.node());
            boolean isMerge = name.plain() && name.text().equals(MERGE);
            Entry before = isMerge ? merge : entries.put(name.text(), entry);
            if (before != null) {
                throw name.position().error(
                        "key " + Quote.of(name.text()) + " is given twice, first at line "
                                + before.key().position().line() + " column " + before.key().position().column(),
                        "keep one of them");
            }
            merge = isMerge ? entry : merge;
        }
        if (merge != null) {
            merge(merge, entries);
        }
        return new Built(new YamlNode.Mapping(entries, position), nodes, height + 1);
    }

    /** Adds what the merge key names below what the mapping says itself; of several mappings the first wins. */
    private static void merge(Entry merge, Map<String, Entry> entries) {
        List<YamlNode> sources =
                merge.value() instanceof YamlNode.Sequence list ? list.items() : List.of(merge.value());
        for (YamlNode source : sources) {
            if (!(source instanceof YamlNode.Mapping mapping)) {
                throw source.position().error(
                        "the merge key '<<' needs a mapping or a list of mappings, found " + source.words(),
                        "refer to a mapping with an alias");
            }
            mapping.entries().forEach(entries::putIfAbsent);
        }
    }

    private static YamlNode.Scalar scalar(ScalarEvent event, Position position) {
        String text = event.getValue();
        Optional<String> tag = event.getTag();
        boolean unspecific = tag.filter("!"::equals).isPresent();
        if (tag.isEmpty() || unspecific) {
            // PyYAML resolves whatever follows the tag '!' as if it were plain
            boolean plain = event.isPlain() || unspecific;
            return new YamlNode.Scalar(
                    text, plain ? ScalarReading.yaml11(text) : ScalarReading.TEXT, plain, position);
        }
        return new YamlNode.Scalar(text, tagged(tag.get(), text, position), false, position);
    }

    private static ScalarReading tagged(String tag, String text, Position position) {
        ScalarReading reading = ScalarReading.yaml11(text);
        Kind wanted = switch (tag) {
            case TAGS + "str" -> Kind.TEXT;
            case TAGS + "int", TAGS + "float" -> Kind.NUMBER;
            case TAGS + "bool" -> Kind.BOOLEAN;
            case TAGS + "null" -> Kind.NULL;
            default -> throw unknownTag(tag, position);
        };
        if (wanted == Kind.TEXT) {
            return ScalarReading.TEXT;
        }
        if (wanted == Kind.NUMBER && reading.kind() == Kind.TEXT && ScalarReading.numberInText(text).isPresent()) {
            return ScalarReading.TEXT;
        }
        if (reading.kind() != wanted) {
            throw position.error(
                    Quote.of(text) + " does not fit its tag " + Quote.of(tag), "remove the tag or correct the value");
        }
        return reading;
    }

    private static RuntimeException unknownTag(String tag, Position position) {
        return position.error("YAML tag " + Quote.of(tag) + " has no meaning here", "remove the tag");
    }

    private static int add(int nodes, Built part, Position position) {
        int sum = nodes + part.nodes();
        if (sum > MOST_NODES) {
            throw tooMany(position);
        }
        return sum;
    }

    private static RuntimeException tooMany(Position position) {
        return position.error(
                "YAML has more than " + MOST_NODES + " nodes with its aliases written out",
                "shorten the configuration, or use fewer aliases of aliases");
    }
}
