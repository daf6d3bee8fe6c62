package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KnownSessionsTest {
  private static final long NANOS_PER_MILLI = 1_000_000L;

  private final KnownSessions known = new KnownSessions();

  @Test
  void shouldStayEndedWhenACopyWithoutTheEndComesLater() {
    known.add(session("a", 1L, false), 1);
    known.add(session("a", 1L, true), 2);
    known.add(session("a", 1L, false), 3);

    assertThat(known.oldestFirst()).containsExactly(session("a", 1L, true));
  }

  @Test
  void shouldKeepTheOrderWhenCompactionLeftTheLastRecordOnly() {
    Session longOne = session("long", 10 * NANOS_PER_MILLI, true);
    Session shortOne = session("short", 20 * NANOS_PER_MILLI, true);
    known.add(shortOne, 25);
    known.add(longOne, 90);

    assertThat(known.oldestFirst()).containsExactly(longOne, shortOne);
  }

  @Test
  void shouldTakeTheFirstRecordsTimeWhenTheStartIsNotKnown() {
    known.add(session("live", 20 * NANOS_PER_MILLI, true), 20);
    known.add(session("import", null, false), 10);
    known.add(session("import", null, true), 30);

    assertThat(ids()).containsExactly("import", "live");
  }

  @Test
  void shouldOrderByIdWhenTheStartIsTheSame() {
    known.add(session("b", 5L, true), 1);
    known.add(session("a", 5L, true), 2);

    assertThat(ids()).containsExactly("a", "b");
  }

  private List<String> ids() {
    return known.oldestFirst().stream().map(Session::getSessionId).toList();
  }

  private static Session session(String id, Long startedEpochNanos, boolean ended) {
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(Source.EBPF)
        .setStartedEpochNanos(startedEpochNanos)
        .setEnd(ended ? new SessionEnd(7L, 0L, 0L, 0L, Map.of()) : null)
        .build();
  }
}
