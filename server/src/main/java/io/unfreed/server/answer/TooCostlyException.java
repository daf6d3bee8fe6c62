package io.unfreed.server.answer;

/** A question costs more than is given for one. */
public final class TooCostlyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TooCostlyException(String line) {
    super(line);
  }
}
