package io.unfreed.collector.importer;

import io.unfreed.collector.capture.RecordingException;
import java.nio.file.Path;

/** What happens to a line that is not as its format wants it. */
final class MalformedLines {
  /** The first malformed line of a file that is known to be damaged: nothing behind it counts. */
  static final class AtDamage extends Exception {
    private static final long serialVersionUID = 1L;

    AtDamage(String what) {
      super(what);
    }
  }

  private final Path file;
  private final boolean lenient;
  private final boolean damaged;
  private long skipped;
  private String first;

  MalformedLines(Path file, boolean lenient, boolean damaged) {
    this.file = file;
    this.lenient = lenient;
    this.damaged = damaged;
  }

  /** Lines counted and skipped. */
  long skipped() {
    return skipped;
  }

  /** What the first of them was, null when there was none. */
  String first() {
    return first;
  }

  /** Returns when the line is to be skipped. */
  void report(long line, String expected, byte[] bytes, int from)
      throws RecordingException, AtDamage {
    int to = from;
    while (to < bytes.length && bytes[to] != '\n') {
      to++;
    }
    String what =
        "line " + line + ": expected " + expected + ", found: " + Texts.excerpt(bytes, from, to);
    if (first == null) {
      first = what;
    }
    if (lenient) {
      skipped++;
    } else if (damaged) {
      throw new AtDamage(what);
    } else {
      throw new RecordingException(
          file + ": " + what + "; stopped there, --lenient counts and skips such lines");
    }
  }
}
