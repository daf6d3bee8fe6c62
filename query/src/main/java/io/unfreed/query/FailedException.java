package io.unfreed.query;

/** Something outside failed: a broker, a file, a disk; one line for people, exit code 1. */
public final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the line for people. */
  public FailedException(String line) {
    super(line);
  }

  /** With the line for people and the cause for debugging. */
  public FailedException(String line, Throwable cause) {
    super(line, cause);
  }

  /** A service that ended by itself: Kafka Streams says at what, and its cause why. */
  public static FailedException ofTopology(Throwable e) {
    String what = String.valueOf(e.getMessage());
    String why = Cluster.reason(e);
    return new FailedException(
        "the topology failed: " + (what.contains(why) ? what : what + ": " + why), e);
  }
}
