package io.unfreed.bpf;

/** The kernel or libbpf refused the BPF object. */
public final class BpfLoadException extends BpfException {
  private static final long serialVersionUID = 1L;
  private final String log;

  public BpfLoadException(String message, String log) {
    super(message);
    this.log = log;
  }

  /** What libbpf said, the verifier's log included; many lines. */
  public String log() {
    return log;
  }
}
