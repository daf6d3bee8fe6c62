package io.unfreed.collector.importer;

import io.unfreed.collector.capture.CaptureFormat;
import io.unfreed.collector.capture.PackedFile;
import io.unfreed.collector.capture.RecordingException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** Opens whatever Unfreed can read, recognised by its content. */
public final class Recordings {
  /** As much of a file is looked at to recognise it. */
  private static final int HEAD_BYTES = 1 << 20;

  private Recordings() {}

  /**
   * Recognises a file. A trace of another tool is read once to the end here, since its session id
   * is a hash of its content.
   *
   * @throws RecordingException when it cannot be read or is nothing known
   */
  public static Recording open(Path file, ImportOptions options) throws RecordingException {
    byte[] head = head(file);
    if (CaptureFormat.isContainer(head, 0, head.length)) {
      return new CaptureRecording(file);
    }
    TraceHead trace = TraceHead.read(file, head);
    return ImportedRecording.open(file, trace, options);
  }

  private static byte[] head(Path file) throws RecordingException {
    byte[] head = new byte[HEAD_BYTES];
    int length = 0;
    IOException damage = null;
    try (InputStream in = PackedFile.open(file)) {
      try {
        for (int n = 0; n >= 0 && length < head.length; length += Math.max(n, 0)) {
          n = in.read(head, length, head.length - length);
        }
      } catch (IOException e) {
        damage = e;
      }
    } catch (RecordingException e) {
      throw e;
    } catch (IOException e) {
      throw RecordingException.of(file, "cannot be read", e);
    }
    if (length == 0) {
      throw new RecordingException(
          damage == null
              ? file + ": nothing in it"
              : file
                  + ": cannot be read: "
                  + RecordingException.reason(damage)
                  + "; nothing was read");
    }
    return java.util.Arrays.copyOf(head, length);
  }
}
