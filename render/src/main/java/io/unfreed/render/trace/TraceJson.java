package io.unfreed.render.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.bpf.trace.CallNames;
import io.unfreed.bpf.trace.LatencyHistogram;
import io.unfreed.bpf.trace.TraceCell;
import io.unfreed.bpf.trace.TraceEvent;
import io.unfreed.bpf.trace.TraceMemory;
import io.unfreed.bpf.trace.TraceNames;
import io.unfreed.bpf.trace.TraceSnapshot;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One line of JSON per report (docs/contract.md). */
public final class TraceJson implements TracePrinter {
  private static final String QUANTILES = "interpolated within log2 buckets of microseconds";

  private final PrintStream out;
  private final TraceShape shape;
  private final Devices devices = new Devices();
  private final JsonFactory factory = new JsonFactory();

  public TraceJson(PrintStream out, TraceShape shape) {
    this.out = out;
    this.shape = shape;
  }

  @Override
  public void print(TraceReport report) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("schema", "unfreed.trace/1");
      json.writeStringField("tracer", report.tracer().name().toLowerCase(Locale.ROOT));
      json.writeObjectFieldStart("at");
      json.writeNumberField("sinceStartNanos", report.sinceStartNanos());
      json.writeStringField("time", report.at().toString());
      json.writeBooleanField("final", report.isFinal());
      json.writeEndObject();
      json.writeStringField("quantiles", QUANTILES);
      loss(json, report.snapshot().loss());
      json.writeArrayFieldStart("rows");
      rows(json, report);
      json.writeEndArray();
      json.writeArrayFieldStart("slow");
      for (TraceEvent event : report.slow()) {
        slow(json, event);
      }
      json.writeEndArray();
      json.writeNumberField("slowUntold", report.untold());
      json.writeEndObject();
    } catch (IOException never) {
      throw new UncheckedIOException(never);
    }
    out.println(line);
    out.flush();
  }

  private static void loss(JsonGenerator json, TraceSnapshot.Loss loss) throws IOException {
    json.writeObjectFieldStart("lost");
    json.writeNumberField("mapFull", loss.mapFull());
    json.writeNumberField("unpaired", loss.unpaired());
    json.writeNumberField("events", loss.events());
    json.writeNumberField("skipped", loss.skipped());
    json.writeEndObject();
  }

  private void rows(JsonGenerator json, TraceReport report) throws IOException {
    switch (report.tracer()) {
      case SYSCALLS, LOCKS -> {
        for (TraceCell row : top(TraceRows.byTotal(report.snapshot()))) {
          json.writeStartObject();
          process(json, row.comm(), row.tgid());
          if (row.kind() == TraceCell.Kind.CALL) {
            call(json, report, row);
          } else {
            lock(json, report, row);
          }
          latencies(json, row);
          json.writeEndObject();
        }
      }
      case IO -> {
        for (TraceRows.Io row : top(TraceRows.io(report.snapshot()))) {
          io(json, row);
        }
      }
      case MEMORY -> {
        for (TraceMemory row : top(TraceRows.memory(report.snapshot()))) {
          memory(json, row, report.suspects().contains(row.tgid()));
        }
      }
    }
  }

  private <T> List<T> top(List<T> rows) {
    return rows.subList(0, Math.min(rows.size(), shape.limit()));
  }

  private static void process(JsonGenerator json, String comm, int tgid) throws IOException {
    json.writeObjectFieldStart("process");
    json.writeNumberField("tgid", tgid);
    json.writeStringField("name", comm);
    json.writeEndObject();
  }

  private static void call(JsonGenerator json, TraceReport report, TraceCell row)
      throws IOException {
    json.writeStringField("call", CallNames.call(row.subject()));
    json.writeNumberField("number", row.subject());
    json.writeObjectFieldStart("errors");
    TraceSnapshot.ErrorKey key = new TraceSnapshot.ErrorKey(row.tgid(), row.subject());
    for (Map.Entry<Integer, Long> error :
        report.snapshot().errors().getOrDefault(key, Map.of()).entrySet()) {
      json.writeNumberField(CallNames.error(error.getKey()), error.getValue());
    }
    json.writeEndObject();
  }

  private static void lock(JsonGenerator json, TraceReport report, TraceCell row)
      throws IOException {
    json.writeStringField("type", TraceNames.lockType(row));
    json.writeStringField("lock", report.names().lock(row));
    json.writeArrayFieldStart("stack");
    for (String frame : report.names().stack(row)) {
      json.writeString(frame);
    }
    json.writeEndArray();
  }

  private void io(JsonGenerator json, TraceRows.Io row) throws IOException {
    TraceCell queued = row.queued();
    json.writeStartObject();
    process(json, queued.comm(), queued.tgid());
    json.writeStringField("device", devices.name(queued.subject()));
    json.writeStringField("operation", TraceNames.operation(queued.detail()));
    json.writeNumberField("bytes", queued.bytes());
    json.writeNumberField("failed", queued.errors());
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
    json.writeBooleanField("warning", queued.histogram().quantileNanos(0.95) > shape.warnNanos());
    json.writeEndObject();
  }

  private static void memory(JsonGenerator json, TraceMemory row, boolean suspect)
      throws IOException {
    json.writeStartObject();
    process(json, row.comm(), row.tgid());
    json.writeNumberField("outstandingBytes", row.outstandingBytes());
    json.writeNumberField("outstandingCount", row.outstanding());
    json.writeNumberField("allocations", row.allocations());
    json.writeNumberField("allocatedBytes", row.allocatedBytes());
    json.writeNumberField("frees", row.frees());
    json.writeNumberField("freedBytes", row.freedBytes());
    json.writeBooleanField("suspect", suspect);
    json.writeEndObject();
  }

  private static void latencies(JsonGenerator json, TraceCell row) throws IOException {
    LatencyHistogram histogram = row.histogram();
    json.writeNumberField("count", row.count());
    json.writeNumberField("totalNanos", row.totalNanos());
    json.writeNumberField("p50Nanos", histogram.quantileNanos(0.50));
    json.writeNumberField("p95Nanos", histogram.quantileNanos(0.95));
    json.writeNumberField("p99Nanos", histogram.quantileNanos(0.99));
    json.writeNumberField("maxNanos", row.maxNanos());
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

  private static void slow(JsonGenerator json, TraceEvent event) throws IOException {
    json.writeStartObject();
    process(json, event.comm(), event.tgid());
    json.writeNumberField("tid", event.tid());
    json.writeStringField("kind", event.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (event.kind() == TraceCell.Kind.CALL) {
      json.writeStringField("call", CallNames.call(event.subject()));
    } else {
      json.writeStringField("subject", "0x" + Long.toHexString(event.subject()));
    }
    json.writeNumberField("nanos", event.nanos());
    json.writeNumberField("endedMonotonicNanos", event.endedNanos());
    json.writeNumberField("result", event.result());
    json.writeEndObject();
  }
}
