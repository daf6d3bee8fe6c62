package io.unfreed.server.http;

/**
 * An answer failed behind its first byte. The connection must end without the mark of a whole
 * answer: the server does that with what a handler throws, not with an exchange that is closed.
 */
final class CutAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  CutAnswerException(Throwable cause) {
    super(cause);
  }
}
