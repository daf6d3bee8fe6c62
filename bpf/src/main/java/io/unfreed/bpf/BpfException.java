package io.unfreed.bpf;

/** Capturing failed; the message is one line for the user. */
public class BpfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BpfException(String message) {
    super(message);
  }
}
