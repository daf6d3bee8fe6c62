package io.unfreed.query;

/** What was asked cannot be asked of this recording; one line for people, exit code 2. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the line for people. */
  public UsageException(String line) {
    super(line);
  }
}
