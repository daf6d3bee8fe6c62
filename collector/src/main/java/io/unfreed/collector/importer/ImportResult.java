package io.unfreed.collector.importer;

import io.unfreed.collector.capture.Damage;

/**
 * What became of a recording.
 *
 * @param events events given to the sink, the end of the session not counted; -1 for a capture,
 *     whose events are not decoded
 * @param skippedLines malformed lines that were counted and skipped
 * @param firstSkipped what the first of them was, null when there was none
 * @param damage why the recording is not whole, null when it is
 */
public record ImportResult(long events, long skippedLines, String firstSkipped, Damage damage) {
  /** Whether it is damaged so much that there is nothing to report. */
  public boolean isNothing() {
    return damage != null && damage.nothingKept();
  }
}
