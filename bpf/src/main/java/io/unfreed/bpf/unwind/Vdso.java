package io.unfreed.bpf.unwind;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.unfreed.bpf.symbols.ProcText;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The object that the kernel maps into every process: ours is all others'. */
final class Vdso {
  private Vdso() {}

  /** A copy in a file of its own, which the caller removes; empty where there is none. */
  static Optional<Path> copy() throws IOException {
    for (String line : ProcText.lines(Path.of("/proc/self/maps"))) {
      if (line.endsWith("[vdso]")) {
        int dash = line.indexOf('-');
        long start = Long.parseUnsignedLong(line.substring(0, dash), 16);
        long end = Long.parseUnsignedLong(line.substring(dash + 1, line.indexOf(' ')), 16);
        MemorySegment ours = MemorySegment.ofAddress(start).reinterpret(end - start);
        Path file = Files.createTempFile("unfreed-vdso-", null);
        Files.write(file, ours.toArray(JAVA_BYTE));
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
