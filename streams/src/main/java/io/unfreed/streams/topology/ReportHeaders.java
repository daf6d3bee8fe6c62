package io.unfreed.streams.topology;

/** Headers of the records that the topology writes. */
public final class ReportHeaders {
  /** On a report: token of the marker that asked for it. */
  public static final String MARKER = "unfreed-marker";

  /** On a dead letter: why it could not be decoded. */
  public static final String REASON = "unfreed-reason";

  /** On a dead letter: topic-partition@offset. */
  public static final String ORIGIN = "unfreed-origin";

  private ReportHeaders() {}
}
