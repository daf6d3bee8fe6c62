package io.unfreed.collector.capture;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Opens a file and unpacks gzip and zstd, recognised by their first bytes, never by the name. */
public final class PackedFile {
  private static final int BUFFER_BYTES = 128 * 1024;
  private static final byte[] ZSTD_MAGIC = {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD};
  private static final byte[] GZIP_MAGIC = {0x1F, (byte) 0x8B};

  private PackedFile() {}

  /**
   * A stream of the unpacked bytes. What is cut or damaged shows when it is read.
   *
   * @throws RecordingException when the file cannot be read, is empty, or is not a regular file: a
   *     recording is read more than once
   */
  public static InputStream open(Path file) throws RecordingException {
    if (Files.isDirectory(file)) {
      throw new RecordingException(file + ": cannot be read: it is a directory");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new RecordingException(
          file
              + ": cannot be read: it is no regular file; a recording is read twice, save it first");
    }
    InputStream in = null;
    try {
      in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
      in.mark(ZSTD_MAGIC.length);
      byte[] head = in.readNBytes(ZSTD_MAGIC.length);
      in.reset();
      if (head.length == 0) {
        throw new RecordingException(file + ": the file is empty");
      }
      return unpack(in, head);
    } catch (IOException e) {
      closeQuietly(in, e);
      throw RecordingException.of(file, "cannot be read", e);
    }
  }

  private static InputStream unpack(InputStream in, byte[] head) throws IOException {
    if (startsWith(head, ZSTD_MAGIC)) {
      return new ZstdInputStreamNoFinalizer(in);
    }
    if (startsWith(head, GZIP_MAGIC)) {
      return new GZIPInputStream(in, BUFFER_BYTES);
    }
    return in;
  }

  private static boolean startsWith(byte[] head, byte[] magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if (head[i] != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static void closeQuietly(InputStream in, IOException because) {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }
}
