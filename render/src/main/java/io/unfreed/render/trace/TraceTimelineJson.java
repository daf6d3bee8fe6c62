package io.unfreed.render.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.streams.trace.LatencySum;
import io.unfreed.streams.trace.TraceTimeline.Slot;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Function;

/**
 * A trace over time, a number of each list for each slot (docs/contract.md). Schema {@code
 * unfreed.trace-timeline/1}, one object.
 */
public final class TraceTimelineJson {
  private static final String SCHEMA = "unfreed.trace-timeline/1";

  private TraceTimelineJson() {}

  /**
   * Writes it.
   *
   * @param tracer null when nothing was stated yet
   */
  public static void write(String session, String tracer, List<Slot> slots, OutputStream out)
      throws IOException {
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      json.writeStringField("session", session);
      json.writeStringField("tracer", tracer);
      json.writeNumberField("slots", slots.size());
      numbers(json, "endNanos", slots, Slot::toNanos);
      numbers(json, "lost", slots, Slot::lost);
      numbers(json, "missing", slots, slot -> slot.missing().statements());
      numbers(json, "count", slots, slot -> slot.latencies().count());
      if (TraceRows.isOfLatencies(tracer)) {
        numbers(json, "totalNanos", slots, slot -> slot.latencies().totalNanos());
        numbers(json, "p50Nanos", slots, slot -> quantile(slot, 0.50));
        numbers(json, "p95Nanos", slots, slot -> quantile(slot, 0.95));
        numbers(json, "p99Nanos", slots, slot -> quantile(slot, 0.99));
        numbers(json, "maxNanos", slots, slot -> ofSome(slot, slot.latencies().longestNanos()));
        numbers(
            json,
            "maxAtMostNanos",
            slots,
            slot -> ofSome(slot, slot.latencies().longestAtMostNanos()));
      }
      if (TraceRows.IO.equals(tracer)) {
        numbers(json, "bytes", slots, Slot::bytes);
      }
      if (TraceRows.MEMORY.equals(tracer)) {
        memory(json, slots);
      }
      json.writeEndObject();
    }
  }

  private static void memory(JsonGenerator json, List<Slot> slots) throws IOException {
    numbers(json, "allocatedBytes", slots, Slot::bytes);
    numbers(json, "frees", slots, Slot::frees);
    numbers(json, "freedBytes", slots, Slot::freedBytes);
    long bytes = 0;
    long blocks = 0;
    long[] outstandingBytes = new long[slots.size()];
    long[] outstandingCount = new long[slots.size()];
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      bytes += slot.missing().outstandingBytes() + slot.bytes() - slot.freedBytes();
      blocks += slot.missing().outstandingCount() + slot.latencies().count() - slot.frees();
      outstandingBytes[i] = bytes;
      outstandingCount[i] = blocks;
    }
    json.writeFieldName("outstandingBytes");
    json.writeArray(outstandingBytes, 0, outstandingBytes.length);
    json.writeFieldName("outstandingCount");
    json.writeArray(outstandingCount, 0, outstandingCount.length);
  }

  private static Long quantile(Slot slot, double part) {
    LatencySum latencies = slot.latencies();
    return ofSome(slot, latencies.histogram().quantileNanos(part));
  }

  /** Of nothing there is none. */
  private static Long ofSome(Slot slot, Long nanos) {
    return slot.latencies().count() == 0 ? null : nanos;
  }

  private static void numbers(
      JsonGenerator json, String name, List<Slot> slots, Function<Slot, Long> number)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (Slot slot : slots) {
      Long value = number.apply(slot);
      if (value == null) {
        json.writeNull();
      } else {
        json.writeNumber(value);
      }
    }
    json.writeEndArray();
  }
}
