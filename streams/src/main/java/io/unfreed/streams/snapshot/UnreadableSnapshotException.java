package io.unfreed.streams.snapshot;

/** A snapshot that this version cannot use; the message says why, without saying which. */
public final class UnreadableSnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the reason. */
  public UnreadableSnapshotException(String message) {
    super(message);
  }

  /** With the reason and what it was found by. */
  public UnreadableSnapshotException(String message, Throwable cause) {
    super(message, cause);
  }
}
