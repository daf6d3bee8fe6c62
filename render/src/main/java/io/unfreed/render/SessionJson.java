package io.unfreed.render;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.text.Printable;
import io.unfreed.schemas.wire.TraceRules;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** A session of a list as one line of JSON; only a trace has a {@code tracer}. */
public final class SessionJson {
  private SessionJson() {}

  /** The line, without its end. */
  public static String line(Session session) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("id", session.getSessionId());
      json.writeStringField("source", SessionSource.name(session));
      if (TraceRules.tracer(session).isPresent()) {
        json.writeStringField("tracer", TraceRules.tracer(session).get());
      }
      json.writeStringField("command", session.getCommand());
      json.writeStringField("host", session.getHost());
      JsonReports.writeInstant(
          json, "startedAt", Moments.ofEpochNanos(session.getStartedEpochNanos()));
      json.writeBooleanField("ended", session.getEnd() != null);
      if (session.getEnd() != null) {
        json.writeNumberField("endNanos", session.getEnd().getEndNanos());
        json.writeNumberField("produced", session.getEnd().getProduced());
        json.writeNumberField("lost", session.getEnd().getLost());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Printable.ofJson(line.toString());
  }
}
