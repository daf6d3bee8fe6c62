package io.unfreed.collector.importer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The unpacked content of a file in short. The id of an imported session is made of it, so that the
 * same trace, packed or not, has the same id everywhere.
 *
 * @param digest SHA-512/256 of the unpacked bytes: 1.6 times as fast as SHA-256 where the CPU has
 *     instructions for neither (480 against 290 MB/s here)
 * @param bytes how many there are
 * @param failure why there are no more, null for an ordinary end
 */
record ContentHash(byte[] digest, long bytes, String failure) {
  /** Changes whenever the same input gives other events or ids. */
  private static final String IMPORTER_VERSION = "unfreed-import/1";

  private static final int ID_BYTES = 16;

  /** Reads the whole file. */
  static ContentHash of(Path file) throws IOException {
    MessageDigest digest = newDigest();
    try (LineChunks chunks = new LineChunks(file, Long.MAX_VALUE)) {
      for (LineChunk c = chunks.next(null); c != null; c = chunks.next(c)) {
        digest.update(c.bytes(), 0, c.length());
      }
      digest.update(chunks.tail());
      return new ContentHash(digest.digest(), chunks.bytesRead(), chunks.failure());
    }
  }

  /** Hex id of the session: content, importer version, and the options that shape it. */
  String sessionId(ImportOptions options) {
    MessageDigest id = newDigest();
    id.update(IMPORTER_VERSION.getBytes(StandardCharsets.UTF_8));
    id.update((byte) (options.lenient() ? 1 : 0));
    id.update(ByteBuffer.allocate(Long.BYTES).putLong(0, options.tickNanos()));
    id.update(digest);
    return HexFormat.of().formatHex(Arrays.copyOf(id.digest(), ID_BYTES));
  }

  private static MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance("SHA-512/256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-512/256", e);
    }
  }
}
