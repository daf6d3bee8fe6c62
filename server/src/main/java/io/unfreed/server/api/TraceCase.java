package io.unfreed.server.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.query.UsageException;
import io.unfreed.render.SessionJson;
import io.unfreed.render.trace.TraceShape;
import io.unfreed.server.answer.Asked;
import io.unfreed.server.answer.TraceReading;
import io.unfreed.server.answer.TraceReadings;
import io.unfreed.server.answer.TraceReadings.TraceRows;
import java.io.IOException;
import java.io.StringWriter;

/** The answers about a trace that stand in a page in a file. */
final class TraceCase {
  /** The file is to be mailed: a row takes a kilobyte and a half. */
  private static final int ROWS = 1000;

  private TraceCase() {}

  static String answers(TraceReadings traces, Asked asked) throws IOException {
    if (asked.blocks().isGiven()
        || asked.moment().olderNanos() > 0
        || !asked.moment().sizes().isAll()) {
      throw new UsageException(
          "a trace has no allocations: of its page only --at and --pid can be asked");
    }
    String at = asked.moment().at();
    TraceReading stretch = traces.during(asked.session(), at == null ? ".." : ".." + at);
    TraceReading.OfTrace one = stretch.only();
    if (one.stretch() == null) {
      throw new UsageException("nothing was stated up to that moment");
    }
    if (asked.tgid() != null && one.stretch().of(asked.tgid()).view().rows().isEmpty()) {
      throw new UsageException("--pid " + asked.tgid() + ": no such process in what was recorded");
    }
    String session = one.session().getSessionId();
    TraceReading timeline = traces.timeline(session, new TraceRows(asked.tgid(), null));
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
      json.writeStartObject();
      json.writeObjectFieldStart("question");
      if (at != null) {
        json.writeNumberField("to", one.stretch().view().atNanos());
      }
      json.writeEndObject();
      json.writeStringField("sessions", SessionJson.line(one.session()) + "\n");
      json.writeStringField(
          "trace",
          CaseFile.text(
              out -> TraceAnswer.writeStretches(stretch, asked.tgid(), new TraceShape(ROWS), out)));
      json.writeFieldName("traceTimeline");
      json.writeRawValue(CaseFile.text(out -> TraceAnswer.writeTimeline(timeline.only(), out)));
      json.writeEndObject();
    }
    return text.toString();
  }
}
