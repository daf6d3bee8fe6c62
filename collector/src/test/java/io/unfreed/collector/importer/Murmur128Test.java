package io.unfreed.collector.importer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Murmur128Test {
  private static final String FOX = "The quick brown fox jumps over the lazy dog";

  /** Values of the reference implementation (aappleby/smhasher), seed 0. */
  @Test
  void shouldGiveTheReferenceValuesWhenHashing() {
    assertThat(Murmur128.hex("")).isEqualTo("00000000000000000000000000000000");
    assertThat(Murmur128.hex("hello")).isEqualTo("cbd8a7b341bd9b025b1e906a48ae1d19");
    assertThat(Murmur128.hex(FOX)).isEqualTo("e34bbc7bbc071b6c7a433ca9c49a9347");
  }

  @Test
  void shouldNotDependOnThePiecesWhenHashing() {
    byte[] bytes = FOX.getBytes(StandardCharsets.UTF_8);
    for (int piece = 1; piece < bytes.length; piece++) {
      Murmur128 hash = new Murmur128();
      for (int at = 0; at < bytes.length; at += piece) {
        hash.update(bytes, at, Math.min(piece, bytes.length - at));
      }
      assertThat(hash.hex()).isEqualTo(Murmur128.hex(FOX));
    }
  }
}
