package io.unfreed.render.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.trace.LatencySum;
import io.unfreed.streams.trace.TraceTimeline.Missing;
import io.unfreed.streams.trace.TraceTimeline.Slot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceTimelineJsonTest {
  @Test
  void shouldBeginWithWhatWasOutstandingWhenTheFirstStatementsDidNotCome() throws IOException {
    List<Slot> slots =
        List.of(
            new Slot(0, 1, new LatencySum(), 0, 0, 0, 0, new Missing(3, 500, 5)),
            new Slot(1, 2, new LatencySum(), 300, 2, 700, 0, new Missing(0, 0, 0)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TraceTimelineJson.write("s", "memory", slots, out);

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("\"missing\":[3,0]")
        .contains("\"outstandingBytes\":[500,100]")
        .contains("\"outstandingCount\":[5,3]");
  }
}
