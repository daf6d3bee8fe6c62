package io.unfreed.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much memory targets may take, looked for when a session is not known. */
class SessionLimitsTest {
  private final List<Session> sessions = new ArrayList<>(List.of(session("a", 1000L)));
  private long nowNanos = -5;
  private int readings;
  private boolean isAway;
  private final SessionLimits limits =
      new SessionLimits(
          () -> {
            readings++;
            if (isAway) {
              throw new IllegalStateException("no broker");
            }
            return sessions;
          },
          () -> nowNanos);

  @Test
  void shouldReadOnceForAllThatIsKnown() {
    sessions.add(session("b", null));

    assertThat(limits.of("a")).isEqualTo(1000);
    assertThat(limits.of("b")).isNull();
    assertThat(limits.of("a")).isEqualTo(1000);
    assertThat(readings).isEqualTo(1);
  }

  @Test
  void shouldBelieveInNoLimitThatCannotBeOne() {
    sessions.add(session("b", -227L));
    sessions.add(session("c", 0L));

    assertThat(limits.of("b")).isNull();
    assertThat(limits.of("c")).isNull();
  }

  @Test
  void shouldLookAgainForANewSessionButNotAllTheTime() {
    limits.of("a");
    sessions.add(session("later", 7L));

    assertThat(limits.of("later")).isNull();
    nowNanos += Duration.ofSeconds(30).toNanos();
    assertThat(limits.of("later")).isEqualTo(7);
    assertThat(readings).isEqualTo(2);
  }

  @Test
  void shouldKnowNothingAndLookAgainWhenItCannotBeRead() {
    isAway = true;
    assertThat(limits.of("a")).isNull();

    isAway = false;
    nowNanos += Duration.ofSeconds(30).toNanos();
    assertThat(limits.of("a")).isEqualTo(1000);
  }

  private static Session session(String id, Long limitBytes) {
    return Session.newBuilder()
        .setSessionId(id)
        .setSource(Source.SHIM)
        .setMemoryLimitBytes(limitBytes)
        .build();
  }
}
