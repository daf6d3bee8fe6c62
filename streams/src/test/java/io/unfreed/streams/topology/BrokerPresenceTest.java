package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class BrokerPresenceTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final List<String> told = new ArrayList<>();
  private final StreamsService.Listener listener =
      new StreamsService.Listener() {
        @Override
        public void restoring(TopicPartition partition, long done, long total) {
          throw new AssertionError("nothing is restored");
        }

        @Override
        public void brokersAway() {
          told.add("away");
        }

        @Override
        public void brokersAnswer(Duration away) {
          told.add("after " + away.toSeconds());
        }
      };

  private BrokerPresence presence() {
    BrokerPresence presence = new BrokerPresence();
    presence.tells(listener);
    return presence;
  }

  @Test
  void shouldTellOnceThatNobodyAnswersAndOnceThatSomebodyDoes() {
    try (BrokerPresence presence = presence()) {
      presence.seen(700, 0);
      for (int second = 1; second < 10; second++) {
        presence.seen(700, second * SECOND);
      }
      assertThat(told).isEmpty();
      presence.seen(700, 10 * SECOND);
      presence.seen(700, 60 * SECOND);
      assertThat(told).containsExactly("away");
      presence.seen(800, 61 * SECOND);
      presence.seen(900, 62 * SECOND);

      assertThat(told).containsExactly("away", "after 61");
    }
  }

  @Test
  void shouldSayNothingOfAShortAbsenceOrBeforeTheFirstAnswer() {
    try (BrokerPresence presence = presence()) {
      presence.seen(0, 0);
      presence.seen(0, 100 * SECOND);
      presence.seen(200, 101 * SECOND);
      presence.seen(200, 109 * SECOND);
      presence.seen(300, 110 * SECOND);
      presence.seen(100, 119 * SECOND); // a thread less, whose bytes counted
      presence.seen(100, 128 * SECOND);

      assertThat(told).isEmpty();
    }
  }

  @Test
  void shouldHoldThreadsUntilSomebodyAnswers() throws Exception {
    try (BrokerPresence presence = presence()) {
      presence.await(LONG);
      presence.seen(100, 0);
      presence.seen(100, 6 * SECOND);
      presence.await(LONG);
      presence.seen(100, 7 * SECOND);

      presence.await(Duration.ofMillis(1));
      Thread held = Thread.ofPlatform().start(() -> presence.await(LONG));
      assertThat(held.join(SHORT)).isFalse();
      presence.seen(200, 8 * SECOND);
      assertThat(held.join(LONG)).isTrue();
    }
  }

  @Test
  void shouldHoldNoThreadWhenTheServiceEnds() throws Exception {
    BrokerPresence presence = presence();
    presence.seen(100, 0);
    presence.seen(100, 9 * SECOND);
    Thread held = Thread.ofPlatform().start(() -> presence.await(LONG));
    presence.close();

    assertThat(held.join(LONG)).isTrue();
  }
}
