package io.unfreed.shim.inject;

/** The library was not loaded or not called; the message is one line that says why. */
public final class InjectionRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  InjectionRefusedException(String line) {
    super(line);
  }

  InjectionRefusedException(String line, Throwable cause) {
    super(line, cause);
  }
}
