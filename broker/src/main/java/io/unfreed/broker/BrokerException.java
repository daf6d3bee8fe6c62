package io.unfreed.broker;

/** The embedded broker cannot be used; the message is one line that says what and where. */
public final class BrokerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private boolean told;

  BrokerException(String message) {
    super(message);
  }

  BrokerException(String message, Throwable cause) {
    super(message, cause);
  }

  /** It did not start because a signal is ending the process, of which nobody needs a line. */
  static BrokerException ending(Throwable cause) {
    return new BrokerException("the embedded broker did not start: the process is ending", cause)
        .asTold();
  }

  /** The same, after its line was printed. */
  BrokerException asTold() {
    told = true;
    return this;
  }

  /** Whether its line was printed already; what else fails is a consequence. */
  public boolean isTold() {
    return told;
  }
}
