package io.unfreed.server.answer;

/** Other questions are answered first, and that takes too long. */
public final class BusyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BusyException(String line) {
    super(line);
  }
}
