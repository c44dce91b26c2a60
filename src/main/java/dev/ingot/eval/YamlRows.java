// SPDX-License-Identifier: Apache-2.0
package dev.ingot.eval;

import dev.ingot.error.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.Event.ID;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** YAML of one form: a list of mappings whose values are scalars or lists of scalars. Nothing nests any deeper. */
final class YamlRows {
    private static final String HINT = "write a list of rows as docs/quality.md describes it";

    /** The scalars that a key has, alone or as a list. */
    private record Values(String where, boolean isList, List<String> items) {}

    private final String source;
    private final Parser events;

    private YamlRows(String source, Parser events) {
        this.source = source;
        this.events = events;
    }

    /** A mapping of the list. */
    static final class Row {
        private final String where;
        private final Map<String, Values> values = new LinkedHashMap<>();

        private Row(String where) {
            this.where = where;
        }

        /** File, line and column at which it begins. */
        String where() {
            return where;
        }

        /** File, line and column of a key that it has. */
        String where(String key) {
            return values.get(key).where();
        }

        Set<String> keys() {
            return values.keySet();
        }

        boolean has(String key) {
            return values.containsKey(key);
        }

        /** The scalars of a key, one or a list; none if the key is absent. */
        List<String> items(String key) {
            return has(key) ? values.get(key).items() : List.of();
        }

        /**
         * The one scalar of a key; empty if the key is absent.
         *
         * @throws ConfigException if it has a list
         */
        Optional<String> text(String key) {
            if (has(key) && values.get(key).isList()) {
                throw new ConfigException(key + " is a list (" + where(key) + ")", "give one value");
            }
            return items(key).stream().findFirst();
        }
    }

    /**
     * Reads the rows.
     *
     * @param source what messages call the text
     * @throws ConfigException if the text is no YAML or of another form; with line and column
     */
    static List<Row> read(String text, String source) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source)
                .setCodePointLimit(Integer.MAX_VALUE)
                // one read: the engine copies its buffer for each read within a token
                .setBufferSize(text.length() + 1)
                .build();
        try {
            return new YamlRows(source, new ParserImpl(settings, new StreamReader(settings, text))).rows();
        } catch (MarkedYamlEngineException e) {
            String where = e.getProblemMark().map(mark -> place(source, mark)).orElse(source);
            throw new ConfigException("YAML syntax: " + e.getProblem() + " (" + where + ")", "correct the syntax", e);
        } catch (YamlEngineException e) {
            throw new ConfigException("not YAML: " + e.getMessage() + " (" + source + ")", "correct the syntax", e);
        }
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        events.next();
        expect(events.next(), ID.DocumentStart, "a list of rows");
        expect(events.next(), ID.SequenceStart, "a list of rows");
        for (Event event = events.next(); event.getEventId() != ID.SequenceEnd; event = events.next()) {
            expect(event, ID.MappingStart, "a row of keys and values");
            rows.add(row(new Row(where(event))));
        }
        expect(events.next(), ID.DocumentEnd, "the end");
        expect(events.next(), ID.StreamEnd, "the end");
        return rows;
    }

    private Row row(Row row) {
        for (Event event = events.next(); event.getEventId() != ID.MappingEnd; event = events.next()) {
            String key = scalar(event);
            if (row.values.put(key, values(where(event))) != null) {
                throw new ConfigException("the key is there twice (" + where(event) + ")", "remove one of both");
            }
        }
        return row;
    }

    private Values values(String where) {
        Event first = events.next();
        if (first.getEventId() != ID.SequenceStart) {
            return new Values(where, false, List.of(scalar(first)));
        }
        List<String> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != ID.SequenceEnd; event = events.next()) {
            items.add(scalar(event));
        }
        return new Values(where, true, List.copyOf(items));
    }

    private String scalar(Event event) {
        expect(event, ID.Scalar, "text");
        return ((ScalarEvent) event).getValue();
    }

    private void expect(Event event, ID id, String what) {
        if (event.getEventId() != id) {
            throw new ConfigException(what + " expected here (" + where(event) + ")", HINT);
        }
    }

    private String where(Event event) {
        return event.getStartMark().map(mark -> place(source, mark)).orElse(source);
    }

    private static String place(String source, Mark mark) {
        return source + ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    }
}
