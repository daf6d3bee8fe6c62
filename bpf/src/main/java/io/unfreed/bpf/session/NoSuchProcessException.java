package io.unfreed.bpf.session;

import java.io.IOException;

/** The process to record is not there, or went while it was being attached to. */
public final class NoSuchProcessException extends IOException {
  private static final long serialVersionUID = 1L;

  NoSuchProcessException(int tgid) {
    super("no process " + tgid);
  }
}
