package io.unfreed.streams.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.topic.LaneKey;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MissingTailsTest {
  private static final LaneKey LANE = new LaneKey("s", "1-1", 0);

  @Test
  void shouldCountUpToTheLargestNumberWhenTheSessionClaimsMore() {
    assertThat(missing(Long.MAX_VALUE, 0, 0)).isEqualTo(Long.MAX_VALUE);
    assertThat(missing(Long.MAX_VALUE, Long.MIN_VALUE, 0)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void shouldMissItsEndOnlyWhenTheSessionClaimsLessThanArrived() {
    assertThat(missing(Long.MIN_VALUE, 7, 5)).isEqualTo(1);
    assertThat(missing(3, Long.MAX_VALUE, Long.MAX_VALUE)).isEqualTo(1);
  }

  @Test
  void shouldTellOfEventsThatNoLaneHasWhenAllLanesThatAreThereAreWhole() {
    MissingTails.Extent whole = new MissingTails.Extent(LANE, 6, true);
    MissingTails.Extent cut = new MissingTails.Extent(LANE, 6, false);

    assertThat(MissingTails.untold(session(9, 0), List.of())).isEqualTo(9);
    assertThat(MissingTails.untold(session(9, 1), List.of(whole))).isEqualTo(3);
    assertThat(MissingTails.untold(session(5, 0), List.of(whole))).isZero();
    assertThat(MissingTails.untold(session(9, 0), List.of(cut))).isZero();
  }

  private static long missing(long received, long afterExit, long arrived) {
    return MissingTails.of(
            session(received, afterExit), List.of(new MissingTails.Extent(LANE, arrived, false)))
        .get(LANE);
  }

  private static Session session(long received, long afterExit) {
    SessionEnd end = new SessionEnd(9L, received, received, 0L, Map.of("afterExit", afterExit));
    return Session.newBuilder().setSessionId("s").setSource(Source.EBPF).setEnd(end).build();
  }
}
