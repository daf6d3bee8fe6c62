package io.unfreed.bpf.trace;

import io.unfreed.bpf.BpfException;
import java.util.List;

/** The running kernel has not what a tracer needs. */
public final class MissingTracepointException extends BpfException {
  private static final long serialVersionUID = 1L;

  MissingTracepointException(List<String> tracepoints) {
    super(
        "this kernel ("
            + System.getProperty("os.version")
            + ") has no tracepoint "
            + String.join(", ", tracepoints));
  }
}
