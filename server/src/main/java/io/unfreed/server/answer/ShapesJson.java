package io.unfreed.server.answer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.report.IncarnationReport;
import java.io.IOException;
import java.io.OutputStream;

/**
 * How large blocks are and how long those lived that were freed, in powers of two. Schema {@code
 * unfreed.histograms/1}, one object.
 */
public final class ShapesJson {
  private static final String SCHEMA = "unfreed.histograms/1";

  private ShapesJson() {}

  /** Writes the sums of the processes that are asked for. */
  public static void write(Reading reading, Asked asked, OutputStream out) throws IOException {
    BlockShapes.Shapes sum = new BlockShapes.Shapes();
    for (Reading.OfSession one : reading.sessions()) {
      for (IncarnationReport report : asked.ofTgid(one.reports())) {
        BlockShapes.Shapes shapes =
            one.shapes()
                .processes()
                .get(LaneKey.incarnationKey(report.session(), report.incarnation()));
        if (shapes != null) {
          add(sum.allocations, shapes.allocations);
          add(sum.allocatedBytes, shapes.allocatedBytes);
          add(sum.closed, shapes.closed);
          add(sum.lifetimes, shapes.lifetimes);
          add(sum.lifetimeBytes, shapes.lifetimeBytes);
        }
      }
    }
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("schema", SCHEMA);
      json.writeArrayFieldStart("sizes");
      for (int bucket = 0; bucket < BlockShapes.BUCKETS; bucket++) {
        if (sum.allocations[bucket] > 0) {
          writeFrom(json, "fromBytes", "belowBytes", bucket);
          json.writeNumberField("allocations", sum.allocations[bucket]);
          json.writeNumberField("allocatedBytes", sum.allocatedBytes[bucket]);
          json.writeNumberField("outstandingCount", sum.allocations[bucket] - sum.closed[bucket]);
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      json.writeArrayFieldStart("lifetimes");
      for (int bucket = 0; bucket < BlockShapes.BUCKETS; bucket++) {
        if (sum.lifetimes[bucket] > 0) {
          writeFrom(json, "fromNanos", "belowNanos", bucket);
          json.writeNumberField("frees", sum.lifetimes[bucket]);
          json.writeNumberField("freedBytes", sum.lifetimeBytes[bucket]);
          json.writeEndObject();
        }
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void writeFrom(JsonGenerator json, String from, String below, int bucket)
      throws IOException {
    json.writeStartObject();
    json.writeNumberField(from, bucket == 0 ? 0 : 1L << (bucket - 1));
    json.writeNumberField(below, 1L << Math.min(bucket, Long.SIZE - 2));
  }

  private static void add(long[] to, long[] more) {
    for (int i = 0; i < to.length; i++) {
      to[i] += more[i];
    }
  }
}
