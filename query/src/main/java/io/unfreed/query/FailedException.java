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
}
