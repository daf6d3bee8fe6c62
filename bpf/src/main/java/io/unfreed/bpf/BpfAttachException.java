package io.unfreed.bpf;

/** A probe could not be attached. */
public final class BpfAttachException extends BpfException {
  private static final long serialVersionUID = 1L;
  private final String symbol;
  private final String binary;

  public BpfAttachException(String symbol, String binary, String reason) {
    super("cannot attach to " + symbol + " in " + binary + ": " + reason);
    this.symbol = symbol;
    this.binary = binary;
  }

  public String symbol() {
    return symbol;
  }

  public String binary() {
    return binary;
  }
}
