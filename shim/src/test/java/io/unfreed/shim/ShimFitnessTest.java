package io.unfreed.shim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShimFitnessTest {
  private static final Path LINKER = Path.of("/lib64/ld-linux-x86-64.so.2");
  private static final Path LIBC = Path.of("/lib/x86_64-linux-gnu/libc.so.6");

  @TempDir Path directory;

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
  void shouldFitAProgramWithALinkerOfItsOwnThatIsNewEnough() throws Exception {
    assertThat(obstacle(Files.readAllBytes(LINKER))).isEmpty();
  }

  @Test
  void shouldNotFitAProgramWithAnOlderLinkerOfItsOwn() throws Exception {
    String old =
        new String(Files.readAllBytes(LINKER), ISO_8859_1).replace("GLIBC_2.35", "GLIBC_2.30");
    assertThat(obstacle(old.getBytes(ISO_8859_1)))
        .hasValueSatisfying(o -> assertThat(o).contains(" is for another C library (" + directory));
  }

  private Optional<String> obstacle(byte[] linker) throws Exception {
    Path own = Files.write(directory.resolve(LINKER.getFileName()), linker);
    Path program =
        CompiledC.compile("fit", List.of("inject_target.c"), "-Wl,--dynamic-linker=" + own);
    return ShimFitness.obstacle(List.of(program, own, LIBC));
  }

  @Test
  void shouldTakeNoPreloadForNone() {
    assertThat(ShimFitness.preloadedSanitizer(null)).isEmpty();
  }
}
