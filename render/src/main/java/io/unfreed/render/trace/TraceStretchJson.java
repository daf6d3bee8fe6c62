package io.unfreed.render.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.render.Moments;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.trace.TraceStretch;
import io.unfreed.streams.trace.TraceView;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Collection;
import java.util.function.ToLongFunction;

/**
 * What happened between two ticks of a trace, as one line of JSON (docs/contract.md). Schema {@code
 * unfreed.trace-stretch/1}.
 */
public final class TraceStretchJson {
  private static final String SCHEMA = "unfreed.trace-stretch/1";

  private final PrintStream out;
  private final TraceShape shape;

  public TraceStretchJson(PrintStream out, TraceShape shape) {
    this.out = out;
    this.shape = shape;
  }

  /** Prints it; the report's view is the stretch's. */
  public void print(TraceReport report, TraceStretch stretch) {
    TraceView view = stretch.view();
    StringWriter line = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(line)) {
      TraceRowJson rows = new TraceRowJson(json, report, stretch);
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      json.writeStringField("tracer", view.tracer());
      json.writeObjectFieldStart("from");
      moment(json, report.session(), stretch.fromNanos());
      json.writeEndObject();
      json.writeObjectFieldStart("at");
      moment(json, report.session(), view.atNanos());
      json.writeBooleanField("final", view.head().getEnded());
      json.writeEndObject();
      json.writeStringField("quantiles", TraceRowJson.QUANTILES);
      json.writeNumberField("warnNanos", view.head().getWarnNanos());
      json.writeNumberField("suspectAbove", view.head().getSuspectAbove());
      rows.loss();
      json.writeNumberField("missing", view.missing());
      json.writeObjectFieldStart("all");
      if (TraceRows.isOfLatencies(view.tracer())) {
        rows.latencies(stretch.sum());
      } else {
        memory(json, stretch);
      }
      json.writeEndObject();
      json.writeNumberField("rowCount", TraceRows.count(view));
      rows.rows(shape.limit(view.tracer()));
      rows.slow();
      json.writeEndObject();
    } catch (IOException never) {
      throw new UncheckedIOException(never);
    }
    out.println(Printable.ofJson(line.toString()));
    out.flush();
  }

  private static void memory(JsonGenerator json, TraceStretch stretch) throws IOException {
    Collection<TraceRow> atEnd = stretch.atEnd().values();
    Collection<TraceRow> within = stretch.view().rows();
    json.writeNumberField("outstandingBytes", sum(atEnd, TraceRows::outstandingBytes));
    json.writeNumberField("outstandingCount", sum(atEnd, row -> row.getCount() - row.getFrees()));
    json.writeNumberField("allocations", sum(within, TraceRow::getCount));
    json.writeNumberField("allocatedBytes", sum(within, TraceRow::getBytes));
    json.writeNumberField("frees", sum(within, TraceRow::getFrees));
    json.writeNumberField("freedBytes", sum(within, TraceRow::getFreedBytes));
  }

  private static long sum(Collection<TraceRow> rows, ToLongFunction<TraceRow> number) {
    return rows.stream().mapToLong(number).sum();
  }

  private static void moment(JsonGenerator json, Session session, long nanos) throws IOException {
    Instant time = Moments.wallClock(session, nanos);
    json.writeNumberField("sinceStartNanos", nanos);
    json.writeStringField("time", time == null ? null : time.toString());
  }
}
