package io.unfreed.cli;

/** A privilege or a feature of the kernel is missing; one line for people, exit code 3. */
public final class PrivilegeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With the line for people. */
  public PrivilegeException(String line) {
    super(line);
  }
}
