package io.unfreed.render;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.wire.RecordedFrom;
import java.util.Locale;

/** Says behind a process that it was not recorded from its beginning. */
final class RecordedFromText {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private RecordedFromText() {}

  /** Empty when it was, and when nobody knows. */
  static String of(Process process) {
    if (!RecordedFrom.isInPart(process)) {
      return "";
    }
    long from = process.getRecordedFromNanos();
    if (from == RecordedFrom.NEVER) {
      return " (not recorded)";
    }
    // Below a second so many digits that no gap looks like none.
    int digits = from >= NANOS_PER_SECOND ? 1 : from >= NANOS_PER_SECOND / 1000 ? 3 : 6;
    return String.format(Locale.ROOT, " (from +%." + digits + "f s)", from / 1e9);
  }
}
