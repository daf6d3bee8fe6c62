package io.unfreed.collector.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaSinkTest {
  @Test
  void shouldWaitForTheFirstAnswerAsLongAsKafkaDoesForLaterOnes() {
    assertThat(KafkaSink.deliveryMillis(Map.of())).isEqualTo(120_000);
    assertThat(KafkaSink.deliveryMillis(Map.of("delivery.timeout.ms", "300000")))
        .isEqualTo(300_000);
    assertThat(KafkaSink.deliveryMillis(Map.of("delivery.timeout.ms", 60_000, "linger.ms", 5)))
        .isEqualTo(60_000);
    assertThat(KafkaSink.deliveryMillis(Map.of("request.timeout.ms", "200000", "linger.ms", 5)))
        .isEqualTo(200_005);
  }
}
