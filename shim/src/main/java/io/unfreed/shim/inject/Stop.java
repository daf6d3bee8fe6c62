package io.unfreed.shim.inject;

/**
 * Why a traced thread stands still, as waitpid's status tells it.
 *
 * @param signal the signal that is about to be delivered, or that stopped the whole process
 */
record Stop(Kind kind, int signal) {
  enum Kind {
    /** Where PTRACE_INTERRUPT, or the process's own continuation, stopped it. */
    INTERRUPTED,
    /** Stopped with its process, by SIGSTOP or from a terminal. */
    GROUP,
    /** Entry or exit of a system call. */
    SYSTEM_CALL,
    /** A signal is about to be delivered. */
    SIGNAL,
    /** It has ended, or its process began another program. */
    GONE
  }

  private static final int SIGTRAP = 5;
  private static final int EVENT_STOP = 128;

  static final Stop GONE = new Stop(Kind.GONE, 0);

  static Stop of(int status) {
    if ((status & 0xff) != 0x7f) {
      return GONE;
    }
    int signal = (status >> 8) & 0xff;
    if (status >> 16 == EVENT_STOP) {
      return new Stop(signal == SIGTRAP ? Kind.INTERRUPTED : Kind.GROUP, signal);
    }
    return signal == (SIGTRAP | 0x80)
        ? new Stop(Kind.SYSTEM_CALL, 0)
        : new Stop(Kind.SIGNAL, signal);
  }
}
