package io.unfreed.cli;

/** Exit codes (docs/contract.md, section 6). */
public final class ExitCodes {
  /** Done. */
  public static final int OK = 0;

  /** Failed. */
  public static final int FAILED = 1;

  /** Wrong usage. */
  public static final int USAGE = 2;

  /** A privilege or a feature of the kernel is missing. */
  public static final int PRIVILEGE = 3;

  /** A condition of {@code check} or {@code diff --fail-on} is met. */
  public static final int CONDITION_MET = 4;

  /** A command that was started for recording goes on or has ended, and Unfreed failed. */
  public static final int FAILED_BESIDE_COMMAND = 125;

  /** The command to record was not found. */
  public static final int COMMAND_NOT_FOUND = 127;

  /** A signal ended the recording before the command ended; of SIGTERM. */
  public static final int SIGNALLED = 128 + 15;

  private ExitCodes() {}
}
