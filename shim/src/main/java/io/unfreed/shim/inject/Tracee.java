package io.unfreed.shim.inject;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.ffi.Errno;
import io.unfreed.bpf.ffi.SystemCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One thread of the target that this thread, and no other, traces. PTRACE_O_EXITKILL is never set:
 * should we die, it runs on.
 */
final class Tracee {
  private static final int CONT = 7;
  private static final int GETREGS = 12;
  private static final int SETREGS = 13;
  private static final int DETACH = 17;
  private static final int SYSCALL = 24;
  private static final int GETREGSET = 0x4204;
  private static final int SETREGSET = 0x4205;
  private static final int SEIZE = 0x4206;
  private static final int INTERRUPT = 0x4207;
  private static final int LISTEN = 0x4208;
  private static final int GETSIGMASK = 0x420a;
  private static final int SETSIGMASK = 0x420b;
  private static final int GET_RSEQ_CONFIGURATION = 0x420f;
  private static final int RSEQ_CONFIGURATION_BYTES = 24;
  private static final int O_TRACESYSGOOD = 1;
  private static final int NT_X86_XSTATE = 0x202;
  private static final int WNOHANG = 1;
  private static final int WALL = 0x40000000;

  /** More than any processor's XSAVE area, AMX's 8 kB of tiles included. */
  private static final int MAX_XSTATE_BYTES = 64 << 10;

  private static final long LONGEST_NAP_NANOS = 1_000_000;

  private final int tid;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment scratch = arena.allocate(Registers.BYTES, 16);
  private final MemorySegment vector = arena.allocate(JAVA_LONG, 2);
  private final MemorySegment large = arena.allocate(MAX_XSTATE_BYTES, 64);

  private boolean stopped;

  private Tracee(int tid) {
    this.tid = tid;
  }

  /** Does not stop it. */
  static Tracee seize(int tid) throws PtraceException {
    long result = SystemCall.ptrace(SEIZE, tid, 0, O_TRACESYSGOOD);
    if (result < 0) {
      throw new PtraceException("tracing thread " + tid, (int) -result);
    }
    return new Tracee(tid);
  }

  int tid() {
    return tid;
  }

  void interrupt() throws PtraceException {
    request("interrupting", INTERRUPT, 0, 0);
  }

  /** Runs on, with a signal to deliver or 0. */
  void resume(int signal) throws PtraceException {
    stopped = false;
    request("resuming", CONT, 0, signal);
  }

  /** Runs on to the next entry or exit of a system call. */
  void resumeToSystemCall(int signal) throws PtraceException {
    stopped = false;
    request("resuming", SYSCALL, 0, signal);
  }

  /** Stays stopped with its process, and tells when that goes on. */
  void listen() throws PtraceException {
    stopped = false;
    request("waiting with", LISTEN, 0, 0);
  }

  void detach(int signal) throws PtraceException {
    stopped = false;
    request("detaching from", DETACH, 0, signal);
  }

  /** The next stop if there is one now. */
  Optional<Stop> pollStop() {
    long got = SystemCall.wait4(tid, scratch, WALL | WNOHANG);
    if (got == 0) {
      return Optional.empty();
    }
    Stop stop = got < 0 ? Stop.GONE : Stop.of(scratch.get(JAVA_INT, 0));
    stopped = stop.kind() != Stop.Kind.GONE;
    return Optional.of(stop);
  }

  /** The next stop; empty when there was none until then, as System.nanoTime() has it. */
  Optional<Stop> awaitStop(long deadlineNanos) {
    for (long nap = 20_000; ; nap = Math.min(nap * 2, LONGEST_NAP_NANOS)) {
      Optional<Stop> stop = pollStop();
      if (stop.isPresent() || System.nanoTime() - deadlineNanos >= 0) {
        return stop;
      }
      LockSupport.parkNanos(nap);
    }
  }

  /**
   * Stops it with PTRACE_INTERRUPT; what it is to receive meanwhile, it receives. False when it has
   * ended, or is stopped with its process.
   */
  boolean stop() throws PtraceException {
    if (stopped) {
      return true;
    }
    interrupt();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
    for (; ; ) {
      Stop stop = awaitStop(deadline).orElse(Stop.GONE);
      switch (stop.kind()) {
        case INTERRUPTED -> {
          return true;
        }
        case GROUP, GONE -> {
          return false;
        }
        case SYSTEM_CALL -> resume(0);
        case SIGNAL -> resume(stop.signal());
      }
    }
  }

  Registers registers() throws PtraceException {
    request("reading registers of", GETREGS, 0, scratch.address());
    return Registers.read(scratch);
  }

  /** All at once: there is no moment at which half of them are set. */
  void setRegisters(Registers registers) throws PtraceException {
    registers.write(scratch);
    request("writing registers of", SETREGS, 0, scratch.address());
  }

  /** Where its {@code struct rseq} lies; 0 for none, and before Linux 5.13. */
  long restartableSequences() {
    long got =
        SystemCall.ptrace(GET_RSEQ_CONFIGURATION, tid, RSEQ_CONFIGURATION_BYTES, scratch.address());
    return got < 0 ? 0 : scratch.get(JAVA_LONG, 0);
  }

  byte[] xstate() throws PtraceException {
    vector.setAtIndex(JAVA_LONG, 0, large.address());
    vector.setAtIndex(JAVA_LONG, 1, MAX_XSTATE_BYTES);
    request("reading vector registers of", GETREGSET, NT_X86_XSTATE, vector.address());
    return large
        .asSlice(0, vector.getAtIndex(JAVA_LONG, 1))
        .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  void setXstate(byte[] xstate) throws PtraceException {
    MemorySegment.copy(xstate, 0, large, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, xstate.length);
    vector.setAtIndex(JAVA_LONG, 0, large.address());
    vector.setAtIndex(JAVA_LONG, 1, xstate.length);
    request("writing vector registers of", SETREGSET, NT_X86_XSTATE, vector.address());
  }

  long signalMask() throws PtraceException {
    request("reading the signal mask of", GETSIGMASK, 8, scratch.address());
    return scratch.get(JAVA_LONG, 0);
  }

  void setSignalMask(long mask) throws PtraceException {
    scratch.set(JAVA_LONG, 0, mask);
    request("writing the signal mask of", SETSIGMASK, 8, scratch.address());
  }

  /** Frees what this side has; the thread itself is to be detached before. */
  void close() {
    arena.close();
  }

  private void request(String what, int request, long address, long data) throws PtraceException {
    long result = SystemCall.ptrace(request, tid, address, data);
    if (result < 0) {
      throw new PtraceException(what + " thread " + tid, (int) -result);
    }
  }

  /** A request failed; ESRCH when the thread is gone or runs. */
  static final class PtraceException extends IOException {
    private static final long serialVersionUID = 1;
    private final int errno;

    PtraceException(String what, int errno) {
      super(what + " failed: " + Errno.describe(errno));
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }
}
