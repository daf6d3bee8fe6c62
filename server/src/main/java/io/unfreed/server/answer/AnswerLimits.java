package io.unfreed.server.answer;

import io.unfreed.query.LedgerSink;
import java.time.Duration;

/**
 * What one pass over events may take.
 *
 * @param longest so long
 * @param mostBytes so much memory for the blocks, stacks and kinds of blocks of its ledgers,
 *     roughly
 */
public record AnswerLimits(Duration longest, long mostBytes) {
  /** Looked at every so many batches: it walks over the lanes. */
  private static final int BATCHES = 32;

  /** Only the time counts. */
  static AnswerLimits ofTime(Duration longest) {
    return new AnswerLimits(longest, Long.MAX_VALUE);
  }

  /**
   * What is to be called again and again during a pass that begins now.
   *
   * @return throws {@link TooCostlyException} when it is enough
   */
  public Runnable watch(LedgerSink ledger) {
    long beganNanos = System.nanoTime();
    int[] calls = new int[1];
    return () -> {
      if (System.nanoTime() - beganNanos > longest.toNanos()) {
        throw new TooCostlyException(
            "reading the events took longer than " + longest.toSeconds() + " s");
      }
      if (++calls[0] % BATCHES == 0) {
        check(ledger.heldBytes(), "what was outstanding, or counted, at some moment");
      }
    };
  }

  /**
   * What an answer from a service's state holds so far.
   *
   * @throws TooCostlyException when it is enough
   */
  public void holds(long bytes) {
    check(bytes, "what the service knows of the session");
  }

  private void check(long bytes, String what) {
    if (bytes > mostBytes) {
      throw new TooCostlyException(
          what
              + " needs more memory than the "
              + (mostBytes >> 20)
              + " MB that an answer may take");
    }
  }
}
