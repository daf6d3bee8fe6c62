package io.unfreed.render.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.bpf.trace.CallNames;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceError;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.trace.LatencyHistogram;
import io.unfreed.streams.trace.TraceView;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** One line of JSON per report (docs/contract.md). */
public final class TraceJson implements TracePrinter {
  private static final String QUANTILES = "interpolated within log2 buckets of microseconds";

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
      json.writeStartObject();
      json.writeStringField("schema", "unfreed.trace/1");
      json.writeStringField("tracer", view.tracer());
      json.writeObjectFieldStart("at");
      json.writeNumberField("sinceStartNanos", view.atNanos());
      json.writeStringField("time", report.at() == null ? null : report.at().toString());
      json.writeBooleanField("final", view.head().getEnded());
      json.writeEndObject();
      json.writeStringField("quantiles", QUANTILES);
      loss(json, view.head());
      json.writeArrayFieldStart("rows");
      rows(json, report);
      json.writeEndArray();
      json.writeArrayFieldStart("slow");
      for (SlowCall call : view.slow()) {
        slow(json, call);
      }
      json.writeEndArray();
      json.writeNumberField("slowUntold", view.untold());
      json.writeEndObject();
    } catch (IOException never) {
      throw new UncheckedIOException(never);
    }
    out.println(Printable.ofJson(line.toString()));
    out.flush();
  }

  private static void loss(JsonGenerator json, TraceHead head) throws IOException {
    json.writeObjectFieldStart("lost");
    json.writeNumberField("mapFull", head.getMapFull());
    json.writeNumberField("unpaired", head.getUnpaired());
    json.writeNumberField("events", head.getQueueFull());
    json.writeNumberField("skipped", head.getSkipped());
    json.writeEndObject();
  }

  private void rows(JsonGenerator json, TraceReport report) throws IOException {
    switch (report.view().tracer()) {
      case TraceRows.SYSCALLS, TraceRows.LOCKS -> {
        for (TraceRow row : top(report, TraceRows.byTotal(report.view()))) {
          json.writeStartObject();
          process(json, row.getComm(), row.getTgid());
          if (row.getKind() == TraceKind.CALL) {
            call(json, row);
          } else {
            lock(json, report, row);
          }
          latencies(json, row);
          json.writeEndObject();
        }
      }
      case TraceRows.IO -> {
        for (TraceRows.Io row : top(report, TraceRows.io(report.view()))) {
          io(json, report, row);
        }
      }
      case TraceRows.MEMORY -> {
        for (TraceRow row : top(report, TraceRows.memory(report.view()))) {
          memory(json, row, report.isSuspect(row));
        }
      }
      default -> {
        // Of a later version: what it counts is not known here.
      }
    }
  }

  private <T> List<T> top(TraceReport report, List<T> rows) {
    return rows.subList(0, Math.min(rows.size(), shape.limit(report.view().tracer())));
  }

  private static void process(JsonGenerator json, String comm, int tgid) throws IOException {
    json.writeObjectFieldStart("process");
    json.writeNumberField("tgid", tgid);
    json.writeStringField("name", comm);
    json.writeEndObject();
  }

  private static void call(JsonGenerator json, TraceRow row) throws IOException {
    json.writeStringField("call", CallNames.call(row.getSubject()));
    json.writeNumberField("number", row.getSubject());
    json.writeObjectFieldStart("errors");
    for (TraceError error : row.getErrors()) {
      json.writeNumberField(CallNames.error(error.getNumber()), error.getCount());
    }
    json.writeEndObject();
  }

  private static void lock(JsonGenerator json, TraceReport report, TraceRow row)
      throws IOException {
    json.writeStringField("type", TraceWords.lockType(row));
    json.writeStringField("lock", TraceWords.lock(row));
    json.writeArrayFieldStart("stack");
    for (String frame : report.stack(row)) {
      json.writeString(frame);
    }
    json.writeEndArray();
  }

  private static void io(JsonGenerator json, TraceReport report, TraceRows.Io row)
      throws IOException {
    TraceRow queued = row.queued();
    json.writeStartObject();
    process(json, queued.getComm(), queued.getTgid());
    json.writeStringField("device", TraceWords.device(queued.getName(), queued.getSubject()));
    json.writeStringField("operation", TraceWords.operation(queued.getDetail()));
    json.writeNumberField("bytes", queued.getBytes());
    json.writeNumberField("failed", queued.getFailed());
    json.writeObjectFieldStart("fromInsert");
    latencies(json, queued);
    json.writeEndObject();
    if (row.served() == null) {
      json.writeNullField("fromIssue");
    } else {
      json.writeObjectFieldStart("fromIssue");
      latencies(json, row.served());
      json.writeEndObject();
    }
    json.writeBooleanField(
        "warning",
        TraceRows.histogram(queued).quantileNanos(0.95) > report.view().head().getWarnNanos());
    json.writeEndObject();
  }

  private static void memory(JsonGenerator json, TraceRow row, boolean suspect) throws IOException {
    json.writeStartObject();
    process(json, row.getComm(), row.getTgid());
    json.writeNumberField("outstandingBytes", TraceRows.outstandingBytes(row));
    json.writeNumberField("outstandingCount", row.getCount() - row.getFrees());
    json.writeNumberField("allocations", row.getCount());
    json.writeNumberField("allocatedBytes", row.getBytes());
    json.writeNumberField("frees", row.getFrees());
    json.writeNumberField("freedBytes", row.getFreedBytes());
    json.writeBooleanField("suspect", suspect);
    json.writeEndObject();
  }

  private static void latencies(JsonGenerator json, TraceRow row) throws IOException {
    LatencyHistogram histogram = TraceRows.histogram(row);
    json.writeNumberField("count", row.getCount());
    json.writeNumberField("totalNanos", row.getTotalNanos());
    json.writeNumberField("p50Nanos", histogram.quantileNanos(0.50));
    json.writeNumberField("p95Nanos", histogram.quantileNanos(0.95));
    json.writeNumberField("p99Nanos", histogram.quantileNanos(0.99));
    json.writeNumberField("maxNanos", row.getMaxNanos());
    json.writeArrayFieldStart("buckets");
    for (int slot = histogram.first(); slot <= histogram.last(); slot++) {
      json.writeStartObject();
      json.writeNumberField("fromMicros", LatencyHistogram.fromMicros(slot));
      json.writeNumberField("toMicros", LatencyHistogram.toMicros(slot));
      json.writeNumberField("count", histogram.count(slot));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void slow(JsonGenerator json, SlowCall call) throws IOException {
    json.writeStartObject();
    process(json, call.getComm(), call.getTgid());
    json.writeNumberField("tid", call.getTid());
    json.writeStringField("kind", call.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (call.getKind() == TraceKind.CALL) {
      json.writeStringField("call", CallNames.call(call.getSubject()));
    } else {
      json.writeStringField("subject", "0x" + Long.toHexString(call.getSubject()));
    }
    json.writeNumberField("nanos", call.getNanos());
    json.writeNumberField("endedMonotonicNanos", call.getEndedMonotonicNanos());
    json.writeNumberField("result", call.getResult());
    json.writeEndObject();
  }
}
