package io.unfreed.cli.broker;

/** The embedded broker cannot be used; the message is one line that says what and where. */
public final class BrokerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokerException(String message) {
    super(message);
  }

  BrokerException(String message, Throwable cause) {
    super(message, cause);
  }
}
