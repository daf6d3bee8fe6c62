package io.unfreed.render.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.trace.TraceView;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** One line of JSON per report (docs/contract.md). */
public final class TraceJson implements TracePrinter {
  private final PrintStream out;
  private final TraceShape shape;
  private final JsonFactory factory = new JsonFactory();

  public TraceJson(PrintStream out, TraceShape shape) {
    this.out = out;
    this.shape = shape;
  }

  @Override
  public void print(TraceReport report) {
    TraceView view = report.view();
    StringWriter line = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(line)) {
      TraceRowJson rows = new TraceRowJson(json, report, null);
      json.writeStartObject();
      json.writeStringField("schema", "unfreed.trace/1");
      json.writeStringField("tracer", view.tracer());
      json.writeObjectFieldStart("at");
      json.writeNumberField("sinceStartNanos", view.atNanos());
      json.writeStringField("time", report.at() == null ? null : report.at().toString());
      json.writeBooleanField("final", view.head().getEnded());
      json.writeEndObject();
      json.writeStringField("quantiles", TraceRowJson.QUANTILES);
      rows.loss();
      rows.rows(shape.limit(view.tracer()));
      rows.slow();
      json.writeEndObject();
    } catch (IOException never) {
      throw new UncheckedIOException(never);
    }
    out.println(Printable.ofJson(line.toString()));
    out.flush();
  }
}
