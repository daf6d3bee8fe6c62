package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class BrokerPresenceTest {
  private static final long SECOND = 1_000_000_000L;
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
    presence.look(Map::of, listener);
    return presence;
  }

  @Test
  void shouldTellOnceThatNobodyAnswersAndOnceThatSomebodyDoes() {
    try (BrokerPresence presence = presence()) {
      presence.seen(3, 7, 0);
      for (int second = 1; second < 6; second++) {
        presence.seen(0, 7, second * SECOND);
      }
      assertThat(told).isEmpty();
      presence.seen(0, 7, 6 * SECOND);
      presence.seen(1, 7, 7 * SECOND); // an attempt
      presence.seen(0, 7, 60 * SECOND);
      assertThat(told).containsExactly("away");
      presence.seen(1, 8, 61 * SECOND);
      presence.seen(2, 9, 62 * SECOND);

      assertThat(told).containsExactly("away", "after 60");
    }
  }

  @Test
  void shouldSayNothingOfAShortAbsenceOrBeforeTheFirstConnection() {
    try (BrokerPresence presence = presence()) {
      presence.seen(0, 0, 0);
      presence.seen(0, 0, 100 * SECOND);
      presence.seen(2, 2, 101 * SECOND);
      presence.seen(0, 2, 102 * SECOND);
      presence.seen(1, 3, 106 * SECOND);

      assertThat(told).isEmpty();
    }
  }

  @Test
  void shouldHoldThreadsUntilSomebodyAnswers() throws Exception {
    try (BrokerPresence presence = presence()) {
      presence.await(LONG);
      presence.seen(1, 1, 0);
      presence.await(LONG);
      presence.seen(0, 1, SECOND);

      presence.await(Duration.ofMillis(1));
      CompletableFuture<Void> held = CompletableFuture.runAsync(() -> presence.await(LONG));
      presence.seen(0, 1, 2 * SECOND);
      assertThat(held).isNotDone();
      presence.seen(1, 2, 3 * SECOND);
      assertThat(held).succeedsWithin(LONG);
    }
  }

  @Test
  void shouldHoldNoThreadWhenTheServiceEnds() {
    BrokerPresence presence = presence();
    presence.seen(1, 1, 0);
    presence.seen(0, 1, SECOND);
    CompletableFuture<Void> held = CompletableFuture.runAsync(() -> presence.await(LONG));
    presence.close();

    assertThat(held).succeedsWithin(LONG);
  }
}
