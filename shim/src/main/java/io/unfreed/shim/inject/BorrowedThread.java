package io.unfreed.shim.inject;

import io.unfreed.bpf.ffi.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A thread of the target that stands at a safe place and does what we ask, on a stack of its own,
 * and is then put back where it was.
 *
 * <pre>
 *   stack                                                      + STACK_BYTES
 *   | what a call uses ... | return addresses | ucontext | vector registers | scratch |
 * </pre>
 *
 * Between our requests it stands at the entry of the restorer's rt_sigreturn, with the stack
 * pointer at the ucontext: left alone, by our death or by {@link #abandon}, it restores itself. A
 * call's return address is the code that stores its result, and the next one the restorer. While
 * the stack is made and unmapped, such a frame lies on the thread's own stack; where that one is
 * not known (a coroutine's), these two moments of a system call each are without the net.
 */
final class BorrowedThread {
  private static final int STACK_BYTES = 1 << 20;
  private static final int SCRATCH_BYTES = 4096;
  private static final int RESULT_BYTES = 16;
  private static final int RED_ZONE_BYTES = 128;

  private static final int MMAP = 9;
  private static final int MUNMAP = 11;
  private static final int RT_SIGRETURN = 15;
  private static final int PROT_READ_WRITE = 3;

  /** MAP_PRIVATE, MAP_ANONYMOUS, MAP_NORESERVE, MAP_STACK. */
  private static final int STACK_FLAGS = 0x24022;

  /** The trap, direction and alignment-check flags, clear at a function's entry. */
  private static final long FLAGS_CLEARED = 0x40500;

  private static final long ALL_SIGNALS = -1;
  private static final int SIGSTOP = 19;

  private final TargetMap target;
  private final RemoteMemory memory;
  private final CodeSpots code;
  private final Tracee thread;
  private final InterruptedCall interrupted;
  private final Registers original;
  private final byte[] originalXstate;
  private final long originalMask;
  private final Duration callTimeout;
  private long stack;

  /** The frame on the thread's own stack; 0 for none. */
  private long ownFrame;

  /** The frame that the thread stands at, or returns to. */
  private long ucontext;

  private long functionEntry;

  private BorrowedThread(TargetMap target, Tracee thread, Duration callTimeout) throws IOException {
    this.target = target;
    this.memory = target.memory();
    this.code = target.code();
    this.thread = thread;
    this.callTimeout = callTimeout;
    this.interrupted = InterruptedCall.of(thread.registers());
    this.original = interrupted.registers();
    this.originalXstate = thread.xstate();
    this.originalMask = thread.signalMask();
  }

  /** Takes a thread that stands still at a safe place. */
  static BorrowedThread take(TargetMap target, Tracee thread, Duration callTimeout)
      throws IOException {
    BorrowedThread borrowed = new BorrowedThread(target, thread, callTimeout);
    try {
      borrowed.makeStack();
      return borrowed;
    } catch (IOException failed) {
      borrowed.close();
      throw failed;
    }
  }

  /** An area for strings, and whatever else a call is to read. */
  long scratch() {
    return stack + STACK_BYTES - SCRATCH_BYTES + RESULT_BYTES;
  }

  long putString(String text) throws IOException {
    memory.write(scratch(), (text + "\0").getBytes(StandardCharsets.UTF_8));
    return scratch();
  }

  /** A system call; its result or the negative errno. */
  long systemCall(long number, long... arguments) throws IOException {
    thread.setRegisters(parked().withCall(number, arguments));
    awaitSystemCallStop();
    long result = thread.registers().get(Registers.RAX);
    awaitParked();
    return result;
  }

  /** Calls a C function; its result as rax has it. Other threads run meanwhile. */
  long call(long function, long... arguments) throws IOException {
    long result = stack + STACK_BYTES - SCRATCH_BYTES;
    memory.write(result, new byte[8]);
    memory.write(functionEntry, returnAddresses());
    thread.setRegisters(
        parked()
            .withCall(-1, arguments)
            .with(Registers.RAX, 0)
            .with(Registers.RBX, result - code.storeOffset())
            .with(Registers.RSP, functionEntry)
            .with(Registers.RIP, function));
    awaitParked();
    return memory.u64(result);
  }

  /**
   * Puts everything back and lets the thread go. It is stopped once more before, so that the kernel
   * itself decides about the system call that it was in: begun anew, or ended by a signal that came
   * meanwhile.
   */
  void giveBack() throws IOException {
    thread.setXstate(originalXstate);
    Registers last = original;
    if (ownFrame != 0) {
      ucontext = ownFrame;
      last = parked();
    }
    thread.setRegisters(last.withCall(MUNMAP, stack, STACK_BYTES));
    awaitSystemCallStop();
    putBack();
  }

  /** Lets go of a thread that does not come back: it restores itself when the call returns. */
  void abandon() throws IOException {
    thread.interrupt();
    Optional<Stop> stop = thread.awaitStop(System.nanoTime() + callTimeout.toNanos());
    if (stop.isPresent() && stop.get().kind() != Stop.Kind.GONE) {
      thread.detach(stop.get().kind() == Stop.Kind.SIGNAL ? stop.get().signal() : 0);
    }
  }

  /** Frees what this side has of it. */
  void close() {
    thread.close();
  }

  private void makeStack() throws IOException {
    try {
      long room = roomBelow();
      if (room != 0) {
        ownFrame = placeFrame(room);
        ucontext = ownFrame;
        thread.setRegisters(parked());
        // Behind that: should we die in between, the frame brings the thread's own mask back.
        thread.setSignalMask(ALL_SIGNALS);
        awaitParked();
        stack = systemCall(MMAP, 0, STACK_BYTES, PROT_READ_WRITE, STACK_FLAGS, -1, 0);
      } else {
        thread.setSignalMask(ALL_SIGNALS);
        stack = bareMmap();
      }
      if (stack < 0 && stack > -4096) {
        throw new IOException("it got no memory: " + Errno.describe((int) -stack));
      }
      long frame = placeFrame(stack + STACK_BYTES - SCRATCH_BYTES);
      functionEntry = frame - 16 - 8L * code.storePops();
      park(frame);
    } catch (CallTimeoutException stuck) {
      abandon();
      throw new IOException("its thread " + thread.tid() + " gets no processor", stuck);
    } catch (IOException failed) {
      putBack();
      throw failed;
    }
  }

  /**
   * Where a frame fits on the thread's own stack, below the red zone; 0 when it stands on another
   * one, a coroutine's or a signal's, of which nothing is known.
   */
  private long roomBelow() throws IOException {
    long stackPointer = original.get(Registers.RSP);
    long top = stackPointer - RED_ZONE_BYTES;
    long needed = originalXstate.length + (8L << 10);
    return target.mappings().stream()
            .filter(m -> m.contains(stackPointer))
            // glibc keeps a thread's descriptor, which fs points at, at the top of its stack.
            .filter(m -> m.path().equals("[stack]") || m.contains(original.get(Registers.FS_BASE)))
            .anyMatch(m -> top - m.from() >= needed)
        ? top
        : 0;
  }

  private long bareMmap() throws IOException {
    thread.setRegisters(
        original
            .withCall(MMAP, 0, STACK_BYTES, PROT_READ_WRITE, STACK_FLAGS, -1, 0)
            // Not in a system call: nothing is to be begun anew.
            .with(Registers.ORIG_RAX, -1)
            .with(Registers.RIP, code.systemCall()));
    awaitSystemCallStop();
    awaitSystemCallStop();
    return thread.registers().get(Registers.RAX);
  }

  /** Writes a frame that ends at an address; answers where its ucontext is. */
  private long placeFrame(long top) throws IOException {
    byte[] fpstate = SelfRestoringFrame.fpstate(originalXstate);
    long fpstateAt = (top - fpstate.length) & -64;
    // A function's entry is 8 bytes off a multiple of 16; the ucontext follows the return
    // addresses.
    long frame = (fpstateAt - SelfRestoringFrame.UCONTEXT_BYTES) & -16;
    if (code.storePops() % 2 == 0) {
      frame -= 8;
    }
    memory.write(fpstateAt, fpstate);
    memory.write(
        frame, SelfRestoringFrame.ucontext(interrupted.begunAnew(), originalMask, fpstateAt));
    return frame;
  }

  /** Brings the thread to the entry of the restorer's system call, with this frame. */
  private void park(long frame) throws IOException {
    ucontext = frame;
    thread.setRegisters(parked());
    awaitParked();
  }

  private byte[] returnAddresses() {
    ByteBuffer words = ByteBuffer.allocate((int) (ucontext - functionEntry));
    words.order(ByteOrder.LITTLE_ENDIAN).putLong(0, code.store());
    return words.putLong(words.capacity() - 8, code.restorer()).array();
  }

  /** Registers with which the thread, after a system call, goes to the restorer. */
  private Registers parked() {
    return original
        .with(Registers.EFLAGS, original.get(Registers.EFLAGS) & ~FLAGS_CLEARED)
        .with(Registers.ORIG_RAX, -1)
        .with(Registers.RSP, ucontext)
        .with(Registers.RIP, code.restorer());
  }

  /** The mask first: should we die in between, no signal stays blocked. */
  private void putBack() throws IOException {
    thread.setSignalMask(originalMask);
    thread.setRegisters(interrupted.begunAnew().with(Registers.ORIG_RAX, -1));
    thread.interrupt();
    thread.resume(0);
    Stop stop = awaitAnyStop(System.nanoTime() + callTimeout.toNanos());
    thread.setRegisters(original);
    thread.detach(stop.kind() == Stop.Kind.SIGNAL ? stop.signal() : 0);
  }

  /** Runs until the thread is about to restore itself, and no further. */
  private void awaitParked() throws IOException {
    long deadline = System.nanoTime() + callTimeout.toNanos();
    int signal = 0;
    for (; ; ) {
      thread.resumeToSystemCall(signal);
      Stop stop = awaitAnyStop(deadline);
      signal = stop.kind() == Stop.Kind.SIGNAL ? stop.signal() : 0;
      if (signal == SIGSTOP) {
        continue;
      }
      if (signal != 0) {
        // All that can be blocked is: this is a fault, in what we called.
        thread.setRegisters(parked());
        awaitParked();
        throw new CallFaultException(signal);
      }
      Registers now = thread.registers();
      if (now.get(Registers.RIP) == code.afterSystemCall()
          && now.get(Registers.ORIG_RAX) == RT_SIGRETURN
          && now.get(Registers.RSP) == ucontext) {
        return;
      }
    }
  }

  private void awaitSystemCallStop() throws IOException {
    long deadline = System.nanoTime() + callTimeout.toNanos();
    int signal = 0;
    for (; ; ) {
      thread.resumeToSystemCall(signal);
      Stop stop = awaitAnyStop(deadline);
      signal = stop.kind() == Stop.Kind.SIGNAL ? stop.signal() : 0;
      if (stop.kind() == Stop.Kind.SYSTEM_CALL) {
        return;
      }
      if (signal != 0 && signal != SIGSTOP) {
        throw new IOException("it stopped with signal " + signal);
      }
    }
  }

  /** A stop of the whole process is waited out; the call's time goes on. */
  private Stop awaitAnyStop(long deadlineNanos) throws IOException {
    for (; ; ) {
      Stop stop = thread.awaitStop(deadlineNanos).orElseThrow(CallTimeoutException::new);
      switch (stop.kind()) {
        case GONE -> throw new IOException("it ended meanwhile");
        case GROUP -> thread.listen();
        case INTERRUPTED, SYSTEM_CALL, SIGNAL -> {
          return stop;
        }
      }
    }
  }

  /** The call has not returned in time. */
  static final class CallTimeoutException extends IOException {
    private static final long serialVersionUID = 1;
  }

  /** The call met a fault; the thread stands before its restoring again. */
  static final class CallFaultException extends IOException {
    private static final long serialVersionUID = 1;

    CallFaultException(int signal) {
      super("signal " + signal);
    }
  }
}
