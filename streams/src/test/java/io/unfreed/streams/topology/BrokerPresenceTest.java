package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

class BrokerPresenceTest {
  private static final long SECOND = 1_000_000_000L;

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
      for (int second = 1; second < 20; second++) {
        presence.seen(700, second * SECOND);
      }
      assertThat(told).isEmpty();
      presence.seen(700, 20 * SECOND);
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
      presence.seen(200, 120 * SECOND);
      presence.seen(300, 121 * SECOND);
      presence.seen(100, 140 * SECOND); // a thread less, whose bytes counted
      presence.seen(100, 159 * SECOND);

      assertThat(told).isEmpty();
    }
  }

  @Test
  void shouldFindWhatConsumersReceive() {
    Map<String, Object> config =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            "127.0.0.1:1",
            ConsumerConfig.GROUP_ID_CONFIG,
            "g");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      assertThat(consumer.metrics().keySet()).filteredOn(BrokerPresence::counts).hasSize(1);
    }
  }
}
