package io.unfreed.shim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShimFitnessTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "libasan.so.8",
        "/usr/lib/x86_64-linux-gnu/libasan.so.8",
        "libfirst.so:libasan.so.8",
        "libfirst.so /there/libasan.so.8:libasan/last.so",
        "::  libasan.so.8"
      })
  void shouldFindASanitizerWhereverItIsPreloaded(String preload) {
    assertThat(ShimFitness.preloadedSanitizer(preload)).contains("libasan.so.8");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "libubsan.so.1", "/libasan.so.8/other.so", "mylibasan.so"})
  void shouldTakeOtherLibrariesForNone(String preload) {
    assertThat(ShimFitness.preloadedSanitizer(preload)).isEmpty();
  }

  @Test
  void shouldTakeNoPreloadForNone() {
    assertThat(ShimFitness.preloadedSanitizer(null)).isEmpty();
  }
}
