package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.collector.sink.QuietSink;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said of a process between its events must not move their time. */
class LaneSetTest {
  private static final int PARENT = 7;

  /** Events of a CPU may come this much later than the time they carry. */
  private static final long LATENESS_NANOS = 5_000_000L;

  private static final long NO_TICK = Long.MAX_VALUE / 4;

  private final Marks marks = new Marks();
  private final Sent sent = new Sent(new ArrayList<>());
  private final Outbox outbox = new Outbox(sent, 0);
  private final LaneSet lanes = new LaneSet(shared(1_000), new LaneSet.Watch() {});

  private LaneSet.Shared shared(long tickNanos) {
    return new LaneSet.Shared(
        "s",
        new SessionClock(0, 0, 0),
        tickNanos,
        false,
        false,
        new StackDictionary(),
        outbox,
        marks);
  }

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
    long before = System.nanoTime();
    marks.add("warm");
    List<String> taken = new ArrayList<>();

    marks.take(before - 1, (label, nanos) -> taken.add(label));
    assertThat(taken).isEmpty();
    marks.take(System.nanoTime(), (label, nanos) -> taken.add(label));
    assertThat(taken).containsExactly("warm");
  }

  /** One of them ends before what others did until the mark has been added. */
  @Test
  void shouldGiveAMarkOnceToEachLaneThatLivedThen() throws Exception {
    long before = System.nanoTime() - 1;
    lanes.open(1, 0, "stays", 0L);
    LiveLane ended = lanes.open(2, 0, "ended", 0L);
    LiveLane ends = lanes.open(3, 0, "ends", 0L);
    marks.add("warm");
    lanes.exit(ended, before);
    lanes.open(4, 0, "comes and stays", 0L).beginsAt(System.nanoTime() + 1);
    LiveLane comes = lanes.open(5, 0, "comes and ends", 0L);
    comes.beginsAt(System.nanoTime() + 1);
    lanes.exit(ends, System.nanoTime());
    lanes.exit(comes, System.nanoTime() + 2);

    lanes.passWatermark(System.nanoTime());
    lanes.passWatermark(System.nanoTime() + 1);
    lanes.takeMarks();
    lanes.end(System.nanoTime() + 3, 0, 0);
    outbox.closeOrThrow();

    assertThat(sent.marked()).containsExactly("3-0 warm", "1-0 warm");
  }

  /** The recorder says that it records before its command has begun. */
  @Test
  void shouldGiveTheFirstLaneTheMarksOfBeforeIt() throws Exception {
    marks.add("begin");
    lanes.passWatermark(System.nanoTime());
    lanes.open(1, 0, "first", 0L).beginsAt(System.nanoTime() + 1);
    lanes.open(2, 0, "second", 0L).beginsAt(System.nanoTime() + 1);
    lanes.passWatermark(System.nanoTime() + 2);
    lanes.end(System.nanoTime() + 3, 0, 0);
    outbox.closeOrThrow();

    assertThat(sent.marked()).containsExactly("1-0 begin");
  }

  @Test
  void shouldKeepAMarkWhileEventsOfBeforeMayStillCome() {
    LiveStacks stacks = new LiveStacks(null, outbox);
    Lanes ofKernel = new Lanes(shared(NO_TICK), stacks, () -> null, _ -> Optional.empty(), false);
    ofKernel.open(PARENT, 0, "parent", 0L);
    long before = System.nanoTime();
    marks.add("warm");
    long after = System.nanoTime();

    ofKernel.drained(before + LATENESS_NANOS - 1);
    assertThat(waiting()).containsExactly("warm");
    ofKernel.drained(after + LATENESS_NANOS);
    assertThat(waiting()).isEmpty();
  }

  /** Thousands of quiet recorders would have the broker and the service at work for nothing. */
  @Test
  void shouldKeepFewEventsForASecondWhenOthersWereJustSent() {
    LaneSet quiet = new LaneSet(shared(NO_TICK), new LaneSet.Watch() {});
    LiveLane lane = quiet.open(PARENT, 0, "parent", 0L);

    assertThat(sentOf(quiet, lane, 1, 10)).isEqualTo(1);
    assertThat(sentOf(quiet, lane, 99, 1_000_000_009L)).isEqualTo(1);
    assertThat(sentOf(quiet, lane, 0, 1_000_000_010L)).isEqualTo(100);
    assertThat(sentOf(quiet, lane, 100, 1_000_000_011L)).isEqualTo(200);
    assertThat(sentOf(quiet, lane, 99, 1_000_000_012L)).isEqualTo(200);
    quiet.end(1_000_000_013L, 299, 0);
    assertThat(lane.sentEvents).as("with its end").isEqualTo(300);
  }

  /** A report is as late as the batch that passes its tick, and a mark is asked for at once. */
  @Test
  void shouldKeepNothingThatPassesATickOrTellsOfMoreThanBlocks() {
    LaneSet quiet = new LaneSet(shared(1_000), new LaneSet.Watch() {});
    LiveLane lane = quiet.open(PARENT, 0, "parent", 0L);

    assertThat(sentOf(quiet, lane, 1, 900)).isEqualTo(1);
    assertThat(sentOf(quiet, lane, 1, 950)).as("of this tick").isEqualTo(1);
    assertThat(sentOf(quiet, lane, 1, 1_001)).as("behind the tick").isEqualTo(3);
    lane.mark(1_100, "warm");
    assertThat(sentOf(quiet, lane, 0, 1_100)).isEqualTo(4);
    lane.lost(1, 1_100, 1_100);
    assertThat(sentOf(quiet, lane, 0, 1_200)).isEqualTo(5);
    quiet.forked(lane, 1_300, "8-1");
    assertThat(sentOf(quiet, lane, 0, 1_300)).isEqualTo(6);
  }

  private static long sentOf(LaneSet lanes, LiveLane lane, int events, long nanos) {
    for (int i = 0; i < events; i++) {
      lanes.ready(lane, nanos);
      lane.builder.release(EventCodes.FREE_HEAP, lane.at(nanos), 1, 0x10);
    }
    lanes.passWatermark(nanos);
    lanes.flush(nanos);
    return lane.sentEvents;
  }

  private List<String> waiting() {
    List<String> waiting = new ArrayList<>();
    marks.tell(Long.MAX_VALUE, (label, nanos) -> waiting.add(label));
    return waiting;
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

  /** Keeps what is sent. */
  private record Sent(List<EncodedBatch> batches) implements QuietSink {
    /** Incarnation and label of each mark. */
    List<String> marked() throws MalformedBatchException {
      List<String> marked = new ArrayList<>();
      EventCursor cursor = new EventCursor();
      for (EncodedBatch batch : batches) {
        cursor.reset(batch.body(), 0, batch.body().length);
        while (cursor.next()) {
          if (cursor.code() == EventCodes.MARK) {
            marked.add(batch.key().incarnation() + " " + cursor.label());
          }
        }
      }
      return marked;
    }

    @Override
    public void batch(EncodedBatch batch) {
      batches.add(batch);
    }
  }
}
