package io.unfreed.schemas.wire;

/** Bytes that are no event batch; the message says what was found where. */
public final class MalformedBatchException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With the reason for people. */
  public MalformedBatchException(String message) {
    super(message);
  }

  /** With the reason for people and the cause for logs. */
  public MalformedBatchException(String message, Throwable cause) {
    super(message, cause);
  }
}
