package io.unfreed.streams.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CameSequencesTest {
  @Test
  void shouldTellRepeatsAndCountWhatCameInAnyOrder() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Long> numbers = new ArrayList<>();
      for (long number = 0; number < 2 * CameSequences.MOST_RANGES; number++) {
        for (int times = random.nextInt(3); times > 0; times--) {
          numbers.add(number);
        }
      }
      Collections.shuffle(numbers, random);
      CameSequences came = new CameSequences();
      Set<Long> seen = new HashSet<>();
      for (long number : numbers) {
        assertThat(came.add(number)).as("seed " + seed).isEqualTo(seen.add(number));
        assertThat(came.count()).isEqualTo(seen.size());
        assertThat(came.isBegun()).isEqualTo(seen.contains(0L));
      }
    }
  }

  @Test
  void shouldNeedNoMemoryForEachOneBehindAGap() {
    CameSequences came = new CameSequences();
    came.add(1);
    long heldBytes = came.heldBytes();
    for (long number = 2; number < 10_000; number++) {
      assertThat(came.add(number)).isTrue();
    }

    assertThat(came.heldBytes()).isEqualTo(heldBytes);
    assertThat(came.count()).isEqualTo(9999);
    assertThat(came.add(0)).isTrue();
  }

  @Test
  void shouldGiveUpWhatIsMissingFurtherBackThanSoManyGaps() {
    CameSequences came = new CameSequences();
    came.add(1);
    long heldBytes = came.heldBytes();
    for (long number = 3; number < 10_000; number += 2) {
      assertThat(came.add(number)).isTrue();
      assertThat(came.add(number)).isFalse();
    }

    assertThat(came.heldBytes()).isEqualTo(CameSequences.MOST_RANGES * heldBytes);
    assertThat(came.add(2)).isFalse();
    assertThat(came.add(9998)).isTrue();
    assertThat(came.count()).isEqualTo(5001);
  }
}
