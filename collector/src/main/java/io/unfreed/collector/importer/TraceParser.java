package io.unfreed.collector.importer;

import java.io.IOException;

/** Turns the lines of one format into events of a lane. Not thread-safe. */
interface TraceParser {
  /** Parses whole lines. */
  void parse(byte[] bytes, int length) throws IOException, MalformedLines.AtDamage;

  /** Session time of the last line, nanoseconds. */
  long timeNanos();

  /** Why the content is not whole though the file is, null when nothing speaks against it. */
  String missing();
}
