package io.unfreed.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void shouldNameThePropertyThatAClientRefuses() {
    assertThat(
            Failures.oneLine(
                new KafkaException(
                    "Failed to construct kafka producer",
                    new ConfigException("delivery.timeout.ms should be larger than it is"))))
        .isEqualTo(
            "Kafka's client refuses its properties: delivery.timeout.ms should be larger than it is");
    assertThat(Failures.oneLine(new KafkaException("lost", new IllegalStateException("why"))))
        .isEqualTo("internal error: KafkaException: lost");
  }
}
