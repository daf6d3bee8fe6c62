package io.unfreed.schemas.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.unfreed.schemas.topic.RecordExtents.Extent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordExtentsTest {
  private static final RecordExtents EXTENTS =
      new RecordExtents(
          Map.of(0, new Extent(12, 90, 33), 7, new Extent(5, 5, 1)),
          Map.of(3, new Extent(0, 4_000_000_000L, 2)));

  @Test
  void shouldReadWhatWasWrittenWhenItIsTheSessionsOwn() {
    byte[] header = EXTENTS.toHeader("id");

    assertThat(new String(header, StandardCharsets.US_ASCII))
        .endsWith(" 0:12-90:33,7:5-5:1;3:0-4000000000:2");
    assertThat(RecordExtents.fromHeader("id", header)).isEqualTo(EXTENTS);
    RecordExtents none = new RecordExtents(Map.of(), Map.of());
    assertThat(RecordExtents.fromHeader("id", none.toHeader("id"))).isEqualTo(none);
  }

  @Test
  void shouldSayNothingWhenTheHeaderIsOfAnotherSessionOrAnyByteIsWrong() {
    byte[] header = EXTENTS.toHeader("id");

    assertThat(RecordExtents.fromHeader("other", header)).isNull();
    assertThat(RecordExtents.fromHeader("id", null)).isNull();
    for (int i = 0; i < header.length; i++) {
      byte[] damaged = header.clone();
      damaged[i] ^= 1;
      assertThat(RecordExtents.fromHeader("id", damaged)).isNull();
      assertThat(RecordExtents.fromHeader("id", Arrays.copyOf(header, i))).isNull();
    }
  }

  @Test
  void shouldRefuseWhatCannotBeWhenNumbersContradictOneAnother() {
    assertThatThrownBy(() -> new Extent(5, 4, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Extent(5, 6, 3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Extent(-1, 6, 3)).isInstanceOf(IllegalArgumentException.class);
  }
}
