// SPDX-License-Identifier: Apache-2.0
package dev.ingot.config;

import dev.ingot.error.ConfigException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/** The parser's events, with its failures turned into configuration errors. */
final class YamlEvents {
    private static final String HINT = "correct the YAML syntax";

    private final String text;
    private final Position whole;
    private final Iterator<Event> events;

    YamlEvents(String text, Position whole) {
        this.text = text;
        this.whole = whole;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(whole.source())
                .setCodePointLimit(SourceText.LARGEST)
                // one read: the engine copies its buffer for each read within a token, quadratic in the token's length
                .setBufferSize(text.length() + 1)
                .setVersionFunction(version -> version)
                .build();
        // What api.lowlevel.Parse does; the module does not export that package.
        this.events = guarded(() -> new ParserImpl(settings, new StreamReader(settings, text)));
    }

    Event next() {
        return guarded(events::next);
    }

    Position start(Event event) {
        return event.getStartMark().map(this::position).orElse(whole);
    }

    private Position position(Mark mark) {
        return new Position(whole.source(), mark.getLine() + 1, mark.getColumn() + 1);
    }

    private <T> T guarded(Supplier<T> step) {
        try {
            return step.get();
        } catch (MarkedYamlEngineException e) {
            throw syntax(e);
        } catch (ReaderException e) {
            throw unreadable(e);
        } catch (YamlEngineException e) {
            throw new ConfigException(
                    "YAML cannot be read: " + Quote.clip(String.valueOf(e.getMessage())) + " (" + whole + ")", HINT, e);
        }
    }

    private ConfigException syntax(MarkedYamlEngineException e) {
        Position where = e.getProblemMark().or(e::getContextMark).map(this::position).orElse(whole);
        String problem = Optional.ofNullable(e.getProblem()).orElse("cannot be read");
        return new ConfigException("YAML syntax: " + Quote.clip(problem.strip()) + " (" + where + ")", HINT, e);
    }

    private ConfigException unreadable(ReaderException e) {
        int end = Math.min(Math.max(e.getPosition(), 0), text.codePointCount(0, text.length()));
        Position where = SourceText.positionOf(text.offsetByCodePoints(0, end), text, whole);
        return new ConfigException(
                String.format(Locale.ROOT, "YAML allows no character U+%04X (%s)", e.getCodePoint(), where),
                "remove the character, or write it as an escape in double quotes",
                e);
    }
}
