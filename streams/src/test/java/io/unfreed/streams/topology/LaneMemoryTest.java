package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.model.Script;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is kept of lanes that are over, and of those that nothing comes for any more. */
class LaneMemoryTest {
  private final List<LaneStatement> statements = new ArrayList<>();
  private final Lanes lanes = new Lanes(statements::add);

  @Test
  void shouldKeepAFewDozenBytesWhenALaneHasEnded() {
    EndedLanes ended = new EndedLanes();
    for (int i = 0; i < 100_000; i++) {
      ended.add("018f0000-0000-7000-8000-00000000/7-" + i + "/0", i);
    }
    assertThat(ended.size()).isEqualTo(100_000);
    assertThat(ended.bytes() / ended.size()).isLessThanOrEqualTo(72);
    IntStream.range(0, 100_000)
        .forEach(i ->
            assertThat(ended.holds("018f0000-0000-7000-8000-00000000/7-" + i + "/0")).isTrue());
    assertThat(ended.holds("018f0000-0000-7000-8000-00000000/7-100000/0")).isFalse();
  }

  @Test
  void shouldForgetEndedLanesWhenTheirRecordsAreRetainedNoMore() {
    EndedLanes ended = new EndedLanes();
    for (int i = 0; i < 10_000; i++) {
      ended.add("lane " + i, i);
    }
    ended.forgetBefore(9_900);
    assertThat(ended.size()).isEqualTo(100);
    assertThat(ended.bytes()).isLessThan(100 * 200L);
    assertThat(ended.holds("lane 9899")).isFalse();
    assertThat(ended.holds("lane 9900")).isTrue();
  }

  @Test
  void shouldDropWhatComesAgainWhenALaneHasEnded() {
    feed("a", script().plain(EventCodes.EXIT, 50, 1), 10);
    assertThat(lanes.goingOn()).isZero();
    assertThat(lanes.ended()).isEqualTo(1);
    assertThat(lanes.going("a", 11)).isNull();
    lanes.tidy(11, 20);
    assertThat(lanes.ended()).as("its last record is retained").isEqualTo(1);
    lanes.tidy(12, 20);
    assertThat(lanes.ended()).isZero();
  }

  @Test
  void shouldForgetALaneWithoutEndWhenNoRecordOfItIsRetained() {
    feed("killed", script(), 10);
    feed("alive", script(), 30);
    lanes.tidy(10, 31);
    assertThat(lanes.goingOn()).isEqualTo(2);
    lanes.tidy(11, 31);
    assertThat(lanes.known("killed")).isNull();
    assertThat(lanes.known("alive")).isNotNull();
  }

  /** What was restored without offsets is retained up to where the log was then. */
  @Test
  void shouldForgetRestoredLanesWhenEverythingBeforeTheRestoreIsGone() {
    feed("ended", script().plain(EventCodes.END, 50, 1), Lanes.UNKNOWN);
    feed("killed", script(), Lanes.UNKNOWN);
    lanes.tidy(0, 100);
    lanes.tidy(99, 200);
    assertThat(lanes.goingOn() + lanes.ended()).isEqualTo(2);
    lanes.tidy(100, 200);
    assertThat(lanes.goingOn() + lanes.ended()).isZero();
  }

  @Test
  void shouldKnowTheSameLanesWhenWrittenAndReadAgain() {
    feed("ended", script().plain(EventCodes.EXIT, 50, 1), 5);
    feed("alive", script(), 7);
    SnapshotOut out = new SnapshotOut();
    lanes.snapshotTo(out);
    Lanes again = new Lanes(statements::add);
    again.restoreFrom(new SnapshotIn(out.finish()));
    assertThat(again.going("ended", 8)).isNull();
    assertThat(again.known("alive")).isNotNull();
    again.tidy(8, 9);
    assertThat(again.goingOn()).isZero();
    assertThat(again.ended()).isEqualTo(1);
  }

  private static Script script() {
    return new Script().alloc(1, 1, 64, 8).alloc(2, 1, 128, 8);
  }

  private void feed(String key, Script script, long offset) {
    for (byte[] body : script.batches()) {
      LaneState lane = lanes.going(key, offset);
      lane.accept(Script.cursor(body));
      lanes.forgetIfEnded(key);
    }
  }
}
