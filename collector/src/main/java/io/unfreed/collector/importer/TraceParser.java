package io.unfreed.collector.importer;

import java.io.IOException;
import java.util.List;

/** Turns the lines of one format into events of a lane. Not thread-safe. */
interface TraceParser {
  /** Parses whole lines. */
  void parse(byte[] bytes, int length) throws IOException, MalformedLines.AtDamage;

  /** Session time of the last line, nanoseconds. */
  long timeNanos();

  /** Lines as LeakSanitizer takes them that the trace brings along. */
  default List<String> suppressions() {
    return List.of();
  }

  /** Why the content is not whole though the file is, null when nothing speaks against it. */
  String missing();
}
