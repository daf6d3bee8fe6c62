package io.unfreed.streams.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.topic.LanePlacement;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class LanePlacementTest {
  @Test
  void shouldPlaceAKeyWhereKafkaWouldWhenTheTopicHasSoManyPartitions() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      byte[] key = new byte[random.nextInt(60)];
      random.nextBytes(key);
      int partitions = 1 + random.nextInt(200);

      assertThat(LanePlacement.partition(key, partitions))
          .isEqualTo(Utils.toPositive(Utils.murmur2(key)) % partitions);
    }
  }

  @Test
  void shouldTakeNothingFromAHeaderWhenItIsNoNumber() {
    assertThat(LanePlacement.fromHeader(LanePlacement.toHeader(12))).isEqualTo(12);
    assertThat(LanePlacement.fromHeader(null)).isZero();
    assertThat(LanePlacement.fromHeader(new byte[] {-1, 'x'})).isZero();
    assertThat(LanePlacement.fromHeader("-4".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .isZero();
  }
}
