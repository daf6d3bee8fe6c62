package io.unfreed.render.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.TraceHead;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import io.unfreed.streams.trace.TraceKey;
import io.unfreed.streams.trace.TraceStretch;
import io.unfreed.streams.trace.TraceView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A stretch of a trace as JSON. */
class TraceStretchJsonTest {
  private static final Session SESSION =
      Session.newBuilder().setSessionId("id").setSource(Source.EBPF).build();

  @Test
  void shouldListWhatHoldsMostFirstWhateverItTookInTheStretch() throws IOException {
    TraceRow large = row(1, 900);
    TraceRow small = row(2, 500);
    TraceStretch stretch =
        new TraceStretch(
            1,
            view(List.of(row(2, 400), row(1, 10))),
            Map.of(TraceKey.of(large), row(1, 890), TraceKey.of(small), row(2, 100)),
            Map.of(TraceKey.of(large), large, TraceKey.of(small), small));

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new TraceStretchJson(new PrintStream(out, true, StandardCharsets.UTF_8), new TraceShape(1))
        .print(new TraceReport(SESSION, stretch.view(), id -> null), stretch);

    JsonNode rows = new ObjectMapper().readTree(out.toByteArray()).get("rows");
    assertThat(rows).hasSize(1);
    assertThat(rows.at("/0/process/tgid").asInt()).isEqualTo(1);
    assertThat(rows.at("/0/outstandingBytes").asLong()).isEqualTo(900);
    assertThat(rows.at("/0/allocatedBytes").asLong()).isEqualTo(10);
  }

  private static TraceRow row(int tgid, long bytes) {
    return TraceRow.newBuilder()
        .setKind(TraceKind.MEMORY)
        .setSubject(0)
        .setDetail(0)
        .setTgid(tgid)
        .setComm("tool")
        .setCount(1)
        .setBytes(bytes)
        .setErrors(List.of())
        .setSlots(List.of())
        .build();
  }

  private static TraceView view(List<TraceRow> rows) {
    TraceHead head =
        TraceHead.newBuilder()
            .setStatements(4)
            .setEnded(false)
            .setTold(false)
            .setMapFull(0)
            .setUnpaired(0)
            .setQueueFull(0)
            .setSkipped(0)
            .setWarnNanos(0)
            .setSuspectAbove(10)
            .setSlow(List.of())
            .build();
    return new TraceView("memory", 2, head, rows, List.of(), 0, 0);
  }
}
