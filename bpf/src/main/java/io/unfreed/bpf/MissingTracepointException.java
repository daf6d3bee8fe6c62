package io.unfreed.bpf;

import java.util.List;

/** The running kernel has not what a tracer or a recording needs. */
public final class MissingTracepointException extends BpfException {
  private static final long serialVersionUID = 1L;

  /** For tracepoints by their full names. */
  public MissingTracepointException(List<String> tracepoints) {
    super(
        "this kernel ("
            + System.getProperty("os.version")
            + ") has no tracepoint "
            + String.join(", ", tracepoints));
  }
}
