package io.unfreed.bpf.session;

import java.io.IOException;

/** The command to run does not exist or is not executable; exit status 127. */
public final class CommandNotFoundException extends IOException {
  private static final long serialVersionUID = 1L;

  CommandNotFoundException(String command) {
    super(command + ": command not found");
  }
}
