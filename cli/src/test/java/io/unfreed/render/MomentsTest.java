package io.unfreed.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.Source;
import org.junit.jupiter.api.Test;

class MomentsTest {
  @Test
  void shouldNotGoBackWhenNanosecondsSinceTheEpochDoNotCountTheMoment() {
    Session session =
        Session.newBuilder()
            .setSessionId("s")
            .setSource(Source.EBPF)
            .setStartedEpochNanos(1_769_859_922_000_000_000L)
            .build();

    assertThat(Moments.wallClock(session, Long.MAX_VALUE))
        .isEqualTo("2318-05-13T11:32:38.854775807Z");
  }
}
