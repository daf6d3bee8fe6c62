package io.unfreed.render.trace;

import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.bpf.trace.CallNames;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceError;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.streams.trace.LatencyHistogram;
import io.unfreed.streams.trace.LatencySum;
import io.unfreed.streams.trace.TraceKey;
import io.unfreed.streams.trace.TraceStretch;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Rows of one report, its losses and slow ones, as JSON (docs/contract.md). */
final class TraceRowJson {
  /** What quantiles are. */
  static final String QUANTILES = "interpolated within log2 buckets of microseconds";

  private final JsonGenerator json;
  private final TraceReport report;

  /** Null for what was counted since the trace began. */
  private final TraceStretch stretch;

  TraceRowJson(JsonGenerator json, TraceReport report, TraceStretch stretch) {
    this.json = json;
    this.report = report;
    this.stretch = stretch;
  }

  void loss() throws IOException {
    TraceHead head = report.view().head();
    json.writeObjectFieldStart("lost");
    json.writeNumberField("mapFull", head.getMapFull());
    json.writeNumberField("unpaired", head.getUnpaired());
    json.writeNumberField("events", head.getQueueFull());
    json.writeNumberField("skipped", head.getSkipped());
    json.writeEndObject();
  }

  /** At most so many rows, in their order. */
  void rows(int most) throws IOException {
    json.writeArrayFieldStart("rows");
    switch (report.view().tracer()) {
      case TraceRows.SYSCALLS, TraceRows.LOCKS -> {
        for (TraceRow row : first(most, TraceRows.byTotal(report.view()))) {
          begin(row);
          if (row.getKind() == TraceKind.CALL) {
            call(row);
          } else {
            lock(row);
          }
          latencies(row);
          json.writeEndObject();
        }
      }
      case TraceRows.IO -> {
        for (TraceRows.Io row : first(most, TraceRows.io(report.view()))) {
          io(row);
        }
      }
      case TraceRows.MEMORY -> {
        for (TraceRow row : first(most, TraceRows.memory(report.view(), this::atEnd))) {
          memory(row);
        }
      }
      default -> {
        // Of a later version: what it counts is not known here.
      }
    }
    json.writeEndArray();
  }

  private static <T> List<T> first(int most, List<T> rows) {
    return rows.subList(0, Math.min(rows.size(), most));
  }

  private void begin(TraceRow row) throws IOException {
    json.writeStartObject();
    if (stretch != null) {
      json.writeStringField("key", TraceKey.of(row).toString());
    }
    process(row.getComm(), row.getTgid());
  }

  private void process(String comm, int tgid) throws IOException {
    json.writeObjectFieldStart("process");
    json.writeNumberField("tgid", tgid);
    json.writeStringField("name", comm);
    json.writeEndObject();
  }

  private void call(TraceRow row) throws IOException {
    json.writeStringField("call", CallNames.call(row.getSubject()));
    json.writeNumberField("number", row.getSubject());
    json.writeObjectFieldStart("errors");
    for (TraceError error : row.getErrors()) {
      json.writeNumberField(CallNames.error(error.getNumber()), error.getCount());
    }
    json.writeEndObject();
  }

  private void lock(TraceRow row) throws IOException {
    json.writeStringField("type", TraceWords.lockType(row));
    json.writeStringField("lock", TraceWords.lock(row));
    json.writeArrayFieldStart("stack");
    for (String frame : report.stack(row)) {
      json.writeString(frame);
    }
    json.writeEndArray();
  }

  private void io(TraceRows.Io row) throws IOException {
    TraceRow queued = row.queued();
    begin(queued);
    json.writeStringField("device", TraceWords.device(queued.getName(), queued.getSubject()));
    json.writeStringField("operation", TraceWords.operation(queued.getDetail()));
    json.writeNumberField("bytes", queued.getBytes());
    json.writeNumberField("failed", queued.getFailed());
    json.writeObjectFieldStart("fromInsert");
    latencies(queued);
    json.writeEndObject();
    if (row.served() == null) {
      json.writeNullField("fromIssue");
    } else {
      json.writeObjectFieldStart("fromIssue");
      latencies(row.served());
      json.writeEndObject();
    }
    json.writeBooleanField(
        "warning",
        TraceRows.histogram(queued).quantileNanos(0.95) > report.view().head().getWarnNanos());
    json.writeEndObject();
  }

  /** What is outstanding is so at the end, also of a stretch. */
  private void memory(TraceRow row) throws IOException {
    TraceRow atEnd = atEnd(row);
    begin(row);
    json.writeNumberField("outstandingBytes", TraceRows.outstandingBytes(atEnd));
    json.writeNumberField("outstandingCount", atEnd.getCount() - atEnd.getFrees());
    json.writeNumberField("allocations", row.getCount());
    json.writeNumberField("allocatedBytes", row.getBytes());
    json.writeNumberField("frees", row.getFrees());
    json.writeNumberField("freedBytes", row.getFreedBytes());
    json.writeBooleanField("suspect", report.isSuspect(atEnd));
    json.writeEndObject();
  }

  /** A row since the trace began. */
  private TraceRow atEnd(TraceRow row) {
    return stretch == null ? row : stretch.atEnd(row);
  }

  private void latencies(TraceRow row) throws IOException {
    if (stretch == null) {
      numbers(row.getCount(), row.getTotalNanos(), TraceRows.histogram(row));
      json.writeNumberField("maxNanos", row.getMaxNanos());
      buckets(TraceRows.histogram(row));
    } else {
      LatencySum one = new LatencySum();
      one.add(row, stretch.longestNanos(row));
      latencies(one);
    }
  }

  /** Of a stretch, in which the longest may not be known. */
  void latencies(LatencySum sum) throws IOException {
    numbers(sum.count(), sum.totalNanos(), sum.histogram());
    if (sum.longestNanos() == null) {
      json.writeNullField("maxNanos");
    } else {
      json.writeNumberField("maxNanos", sum.longestNanos());
    }
    json.writeNumberField("maxAtMostNanos", sum.longestAtMostNanos());
    buckets(sum.histogram());
  }

  private void numbers(long count, long totalNanos, LatencyHistogram histogram) throws IOException {
    json.writeNumberField("count", count);
    json.writeNumberField("totalNanos", totalNanos);
    json.writeNumberField("p50Nanos", histogram.quantileNanos(0.50));
    json.writeNumberField("p95Nanos", histogram.quantileNanos(0.95));
    json.writeNumberField("p99Nanos", histogram.quantileNanos(0.99));
  }

  private void buckets(LatencyHistogram histogram) throws IOException {
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

  void slow() throws IOException {
    json.writeArrayFieldStart("slow");
    for (SlowCall call : report.view().slow()) {
      slow(call);
    }
    json.writeEndArray();
    json.writeNumberField("slowUntold", report.view().untold());
  }

  private void slow(SlowCall call) throws IOException {
    json.writeStartObject();
    process(call.getComm(), call.getTgid());
    json.writeNumberField("tid", call.getTid());
    json.writeStringField("kind", call.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (call.getKind() == TraceKind.CALL) {
      json.writeStringField("call", CallNames.call(call.getSubject()));
    } else {
      json.writeStringField("subject", "0x" + Long.toHexString(call.getSubject()));
    }
    if (stretch != null) {
      json.writeStringField("what", TraceWords.subject(call));
    }
    json.writeNumberField("nanos", call.getNanos());
    json.writeNumberField("endedMonotonicNanos", call.getEndedMonotonicNanos());
    json.writeNumberField("result", call.getResult());
    if (stretch != null) {
      json.writeStringField("error", TraceWords.error(call));
    }
    json.writeEndObject();
  }
}
