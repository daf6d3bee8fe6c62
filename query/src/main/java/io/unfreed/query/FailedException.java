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

  /** A service that ended by itself: Kafka Streams says at what, and its deepest cause why. */
  public static FailedException ofTopology(Throwable e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String why = deepest.getMessage() == null ? deepest.toString() : deepest.getMessage();
    String what = String.valueOf(e.getMessage());
    return new FailedException(
        "the topology failed: " + (what.contains(why) ? what : what + ": " + why), e);
  }
}
