package io.unfreed.streams.query;

import io.unfreed.streams.explain.SurveyQuestion;
import io.unfreed.streams.history.HistoryQuestion;
import io.unfreed.streams.lane.LaneOptions;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;

/**
 * What a user asks of recorded events.
 *
 * @param sizes allocation sizes to count per stack
 * @param olderNanos outstanding blocks at least this old; 0 for all
 * @param atNanos the state after the last event up to this session time; null for the end
 * @param intervalNanos a report per this much event time; null for none
 * @param blocks which blocks are asked for beside; null for none
 * @param survey whose blocks are looked at, in place of that; null for none
 * @param history which blocks are told one by one, in place of both; null for none
 */
public record ReportQuery(
    SizeRange sizes,
    long olderNanos,
    Long atNanos,
    Long intervalNanos,
    BlockQuestion blocks,
    SurveyQuestion survey,
    HistoryQuestion history) {
  /** The end state, unfiltered. */
  public static final ReportQuery WHOLE = new ReportQuery(SizeRange.ALL, 0, null, null);

  /** Asks for no single blocks. */
  public ReportQuery(SizeRange sizes, long olderNanos, Long atNanos, Long intervalNanos) {
    this(sizes, olderNanos, atNanos, intervalNanos, null);
  }

  /** Asks for blocks. */
  public ReportQuery(
      SizeRange sizes, long olderNanos, Long atNanos, Long intervalNanos, BlockQuestion blocks) {
    this(sizes, olderNanos, atNanos, intervalNanos, blocks, null, null);
  }

  /** Looks at some stacks' blocks beside. */
  public ReportQuery withSurvey(SurveyQuestion question) {
    return new ReportQuery(sizes, olderNanos, atNanos, intervalNanos, null, question, null);
  }

  /** Tells blocks one by one beside. */
  public ReportQuery withHistory(HistoryQuestion question) {
    return new ReportQuery(sizes, olderNanos, atNanos, intervalNanos, null, null, question);
  }

  /** Whether the published reports can answer it, given the session's own tick. */
  public boolean isPublished(long sessionTickNanos) {
    return blocks == null
        && survey == null
        && history == null
        && sizes.isAll()
        && olderNanos == 0
        && atNanos == null
        && (intervalNanos == null || intervalNanos == sessionTickNanos);
  }

  LaneOptions laneOptions() {
    return new LaneOptions(sizes, olderNanos, atNanos, intervalNanos, false, intervalNanos != null);
  }

  /**
   * Whether ledgers that passed a moment tell all that is asked of what came before it.
   *
   * @param reachedNanos session time that no event had passed
   */
  boolean canGoOn(long reachedNanos) {
    return sizes.isAll()
        && olderNanos == 0
        && intervalNanos == null
        && survey == null
        && history == null
        && (atNanos == null || reachedNanos <= atNanos)
        && (blocks == null || isBornBehind(reachedNanos) || isOfAllBlocks());
  }

  /** Whether no block is asked for that was born up to a moment. */
  public boolean isBornBehind(long reachedNanos) {
    return blocks != null && blocks.born().fromNanos() > reachedNanos;
  }

  /** Whether all blocks are asked for, by their stacks alone. */
  boolean isOfAllBlocks() {
    return blocks != null
        && blocks.born().equals(Window.ALWAYS)
        && blocks.freed() == null
        && blocks.dimension() == BlockQuestion.Dimension.NONE;
  }
}
