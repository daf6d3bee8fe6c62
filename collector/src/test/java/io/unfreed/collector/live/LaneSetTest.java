package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of a process between its events must not move their time. */
class LaneSetTest {
  private static final int PARENT = 7;

  private final LaneSet lanes =
      new LaneSet(
          new LaneSet.Shared(
              "s", new SessionClock(0, 0, 0), 1_000, false, false, new StackDictionary(), null),
          new LaneSet.Watch() {});

  @Test
  void shouldNotPassWhatIsStillToComeWhenAProcessHasForked() throws Exception {
    LiveLane parent = lanes.open(PARENT, 0, "parent", 0L);
    free(parent, 100);
    lanes.passWatermark(200);
    lanes.forked(parent, 5_000, "8-1");
    free(parent, 300);
    lanes.passWatermark(6_000);
    lanes.forked(parent, 5_500, "9-1");

    assertThat(times(parent)).containsExactly(100L, 200L, 300L, 5_500L);
  }

  @Test
  void shouldKeepAMarkUntilAllBeforeItWasAdded() {
    Marks marks = new Marks();
    long before = System.nanoTime();
    marks.add("warm");
    List<String> taken = new ArrayList<>();

    marks.take(before - 1, (label, nanos) -> taken.add(label));
    assertThat(taken).isEmpty();
    marks.take(System.nanoTime(), (label, nanos) -> taken.add(label));
    assertThat(taken).containsExactly("warm");
  }

  private void free(LiveLane lane, long nanos) {
    lanes.ready(lane, nanos);
    lane.builder.release(EventCodes.FREE_HEAP, lane.at(nanos), 1, 0x10);
  }

  private static List<Long> times(LiveLane lane) throws MalformedBatchException {
    byte[] body = lane.encode().body();
    EventCursor cursor = new EventCursor();
    cursor.reset(body, 0, body.length);
    List<Long> times = new ArrayList<>();
    while (cursor.next()) {
      times.add(cursor.timeNanos());
    }
    return times;
  }
}
