package io.unfreed.collector.importer;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Small traces of other tools, and ways to pack them. */
final class Traces {
  /** Three allocations of two stacks, one free, one realloc; ends as heaptrack ends. */
  static final String RAW_V3 =
      """
      v 10400 3
      x 10 /usr/bin/my prog
      X my prog --option value
      I 1000 5e2990
      m 1 -
      m 1 x 5000 0 1000 2000 800
      m f linux-vdso.so.1 9000 0 1522
      m b /lib/lib.so 7000 0 1000
      t 5010 0
      t 7123 1
      + 10 2 a00
      c a
      R 800
      + 20 1 b00
      - a00
      t 7fff 1
      # comment

      - b00
      + 30 3 b00
      c 14
      R 801
      """;

  static final String INTERPRETED_V3 =
      """
      v 10400 3
      X my prog
      I 1000 5e2990
      s b /lib/lib.so
      s 9 operator+
      s 4 main
      s 6 main.c
      i 7123 1 2 4 c 3 4 11
      i 5010 0
      t 2 0
      t 1 1
      a 10 2
      + 0
      + 0
      c a
      R 800
      - 0
      a 20 1
      + 1
      - 1
      c 14
      R 801
      # strings: 4
      # ips: 2
      """;

  static final String MTRACE =
      """
      = Start
      @ /lib/x86_64-linux-gnu/lib with space.so:(make+9)[0x20249] + 0x55ce937f04a0 0x110
      @ prog:[0x2d8e] + 0x55ce937f05c0 0
      @ [0x7f0000001000] - 0x55ce937f05c0
      @ prog:(re-2)[0x10] < 0x55ce937f04a0
      @ prog:(re-2)[0x10] > 0x55ce937f0500 0x220
      @ prog:[0x2d8e] ! 0x55ce937f0500 0x8000000000
      @ prog:[0x2d8e] + (nil) 0x8000000000
      + 0x55ce937f0900 0x8
      = End
      """;

  private Traces() {}

  static byte[] plain(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] gzip(byte[] bytes) {
    return pack(bytes, GZIPOutputStream::new);
  }

  /** With a checksum, as the zstd command writes it. */
  static byte[] zstd(byte[] bytes) {
    return pack(
        bytes,
        out -> {
          ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(out);
          zstd.setChecksum(true);
          return zstd;
        });
  }

  static Recorded imported(Path file, ImportOptions options) throws IOException {
    Recorded recorded = new Recorded();
    recorded.result = Recordings.open(file, options).copyTo(recorded);
    return recorded;
  }

  static Recorded imported(Path directory, String text, ImportOptions options) throws IOException {
    Path file = directory.resolve("trace");
    Files.write(file, plain(text));
    return imported(file, options);
  }

  private interface Packer {
    OutputStream wrap(OutputStream out) throws IOException;
  }

  private static byte[] pack(byte[] bytes, Packer packer) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = packer.wrap(packed)) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }
}
