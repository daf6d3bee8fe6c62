package io.unfreed.streams.lane;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.streams.ledger.AddressSpace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverlappingSpacesTest {
  @Test
  void shouldNotAddUpWhenThereArePagesBesideWhatLiesInThem() {
    assertThat(overlap(AddressSpace.MAPPING, AddressSpace.PAGE)).isTrue();
    assertThat(overlap(AddressSpace.HEAP, AddressSpace.MAPPING)).isFalse();
    assertThat(overlap(AddressSpace.PAGE)).isFalse();
    assertThat(overlap()).isFalse();
  }

  private static boolean overlap(AddressSpace... spaces) {
    List<TotalsNumbers.SpaceNumbers> bySpace =
        Arrays.stream(spaces).map(space -> new TotalsNumbers.SpaceNumbers(space, 4096, 1)).toList();
    return TotalsNumbers.overlap(bySpace);
  }
}
