package io.unfreed.cli;

/** Exit codes (CONTRACT.md, section 6). */
public final class ExitCodes {
  /** Done. */
  public static final int OK = 0;

  /** Failed. */
  public static final int FAILED = 1;

  /** Wrong usage. */
  public static final int USAGE = 2;

  /** A privilege or a feature of the kernel is missing. */
  public static final int PRIVILEGE = 3;

  private ExitCodes() {}
}
