package io.unfreed.schemas.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The test vector of docs/formats.md, computed there with another implementation. */
class StackVectorTest {
  private static final List<FrameKey> EVERY_KIND =
      List.of(
          new FrameKey.InBuild("ab12", 0x1139),
          new FrameKey.InModule("/lib/\u00e9.so", 0x20248),
          new FrameKey.Raw(0x7f0000000fffL),
          new FrameKey.Named("/usr/bin/x", "main", "x.c", 12, true));

  @Test
  void shouldGiveTheVectorWhenEveryKindOfFrameIsHashed() {
    assertThat(new StackHasher().hash(EVERY_KIND).toString())
        .isEqualTo("7f69115144d9e22939a86ab4904cca57");
    assertThat(new StackHasher().hash(List.of()).toString())
        .isEqualTo("957b88b12730e646e0f33d3618b77dfa");
  }

  @Test
  void shouldGiveTheSameIdWhenReused() {
    StackHasher hasher = new StackHasher();

    assertThat(hasher.hash(EVERY_KIND)).isEqualTo(hasher.hash(EVERY_KIND));
    assertThat(hasher.hash(EVERY_KIND.reversed())).isNotEqualTo(hasher.hash(EVERY_KIND));
  }
}
