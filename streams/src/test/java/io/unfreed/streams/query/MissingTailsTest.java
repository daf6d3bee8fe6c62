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

  private static long missing(long received, long afterExit, long arrived) {
    SessionEnd end = new SessionEnd(9L, received, received, 0L, Map.of("afterExit", afterExit));
    Session session =
        Session.newBuilder().setSessionId("s").setSource(Source.EBPF).setEnd(end).build();
    return MissingTails.of(session, List.of(new MissingTails.Extent(LANE, arrived, false)))
        .get(LANE);
  }
}
