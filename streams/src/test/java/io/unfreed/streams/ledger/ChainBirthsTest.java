package io.unfreed.streams.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChainBirthsTest {
  private static final long NONE = -1;
  private static final long SEED = Long.getLong("unfreed.seed", 7);

  private final ChainBirths chains = new ChainBirths();

  @Test
  void shouldKnowWhatAMapKnowsWhateverComesAndGoes() {
    System.out.println("chains of reallocations: -Dunfreed.seed=" + SEED);
    Random random = new Random(SEED);
    Map<Long, Long> expected = new HashMap<>();
    for (int step = 0; step < 200_000; step++) {
      long address = 16L * (1 + random.nextInt(step % 50_000 < 25_000 ? 3000 : 20));
      Long known = expected.remove(address);
      assertThat(chains.take(address, NONE)).isEqualTo(known == null ? NONE : known);
      if (random.nextInt(3) > 0) {
        expected.put(address, (long) step);
        chains.put(address, step);
      }
    }

    assertThat(chains.isEmpty()).isEqualTo(expected.isEmpty());
    ChainBirths restored = restored();
    expected.forEach((address, birth) -> assertThat(restored.take(address, NONE)).isEqualTo(birth));
    assertThat(restored.isEmpty()).isTrue();
  }

  @Test
  void shouldGiveMemoryBackWhenFewAreLeft() {
    for (long i = 1; i <= 100_000; i++) {
      chains.put(16 * i, i);
    }
    for (long i = 2; i <= 100_000; i++) {
      chains.take(16 * i, NONE);
    }
    assertThat(chains.words()).isGreaterThan(200_000);

    chains.trim();

    assertThat(chains.words()).isLessThan(200);
    assertThat(chains.take(16, NONE)).isEqualTo(1);
  }

  @Test
  void shouldForgetAllWhenCleared() {
    chains.put(16, 5);
    chains.clear();

    assertThat(chains.isEmpty()).isTrue();
    assertThat(chains.take(16, NONE)).isEqualTo(NONE);
  }

  private ChainBirths restored() {
    SnapshotOut out = new SnapshotOut();
    chains.snapshotTo(out);
    ChainBirths restored = new ChainBirths();
    restored.restoreFrom(new SnapshotIn(out.finish()));
    return restored;
  }
}
