package io.unfreed.bpf.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.unfreed.bpf.ffi.NativeLibraries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every answer against libdw's own, which goes through all symbols for each address. */
class DwarfFunctionsTest {
  private static final int ADDRESSES = 3_000;

  @Test
  void shouldChooseTheSymbolThatLibdwChooses() throws Exception {
    boolean libdw = NativeLibraries.libdw().isPresent();
    if (!libdw) {
      System.err.println("SKIPPED: libdw.so.1 is missing (Debian: apt install libdw1)");
    }
    assumeTrue(libdw, "libdw.so.1 is missing");
    long seed = System.nanoTime();
    for (Path object : objects()) {
      try (DwarfSource source = DwarfSource.open(object)) {
        Random random = new Random(seed);
        long bytes = Files.size(object);
        for (int i = 0; i < ADDRESSES; i++) {
          long address = random.nextLong(bytes);
          assertThat(source.symbolAt(address))
              .as("seed %d: %s at %x", seed, object, address)
              .isEqualTo(source.symbolOfLibdwAt(address));
        }
      }
    }
  }

  private static List<Path> objects() {
    return List.of(
            Path.of("/lib/x86_64-linux-gnu/libc.so.6"),
            Path.of("/lib/x86_64-linux-gnu/libdw.so.1"),
            Path.of("/usr/lib/x86_64-linux-gnu/libstdc++.so.6"),
            Path.of("/usr/bin/bash"),
            Path.of(System.getProperty("java.home"), "lib/server/libjvm.so"),
            Path.of(System.getProperty("java.home"), "lib/libjava.so"))
        .stream()
        .filter(Files::isReadable)
        .toList();
  }
}
