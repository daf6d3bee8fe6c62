package io.unfreed.shim.inject;

import io.unfreed.bpf.ffi.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds a thread that holds no lock which dlopen or the allocator may want, and stops it there:
 * asleep in a system call that neither of them makes, or, when threads run, at the entry of an
 * allocator function, whichever comes first. Threads that sleep elsewhere are not disturbed.
 */
final class SafePlace implements AutoCloseable {
  private static final long ROUND_NANOS = 2_000_000;
  private static final int MAX_ARMED = 16;
  private static final long SIGTRAP_BIT = 1L << 4;

  /** Deeper stacks are looked at so far up; a handler that sleeps is near. */
  private static final int MAX_STACK_BYTES = 256 << 10;

  private final TargetProcess process;
  private final TargetMap target;
  private final InjectionConfig config;
  private final Map<Integer, Armed> armed = new HashMap<>();
  private String hindrance = "no thread came to a safe place";

  /** A seized thread that runs with breakpoints. */
  private record Armed(Tracee thread, Breakpoints breakpoints) {}

  private SafePlace(TargetProcess process, TargetMap target, InjectionConfig config) {
    this.process = process;
    this.target = target;
    this.config = config;
  }

  /** The thread, stopped; the caller owns it. No other thread is traced any more. */
  static Tracee stopThread(TargetProcess process, TargetMap target, InjectionConfig config)
      throws IOException, InjectionRefusedException {
    try (SafePlace place = new SafePlace(process, target, config)) {
      return place.search();
    }
  }

  private Tracee search() throws IOException, InjectionRefusedException {
    long deadline = System.nanoTime() + config.search().toNanos();
    do {
      Optional<Tracee> found = atEntry();
      if (found.isEmpty()) {
        found = asleep();
      }
      if (found.isPresent()) {
        disarmAll();
        if (!target.loaderIsBusy() && othersAreOutsideLoader(found.get().tid())) {
          return found.get();
        }
        hindrance = "a thread was in the dynamic loader all the time";
        letGoStopped(found.get());
      } else {
        armRunning();
      }
      LockSupport.parkNanos(ROUND_NANOS);
    } while (System.nanoTime() - deadline < 0);
    throw new InjectionRefusedException(
        hindrance
            + " within "
            + config.search().toSeconds()
            + " s (none slept in a call such as epoll_wait, none allocated)");
  }

  /** A thread asleep in a harmless system call. */
  private Optional<Tracee> asleep() throws IOException, InjectionRefusedException {
    for (int tid : process.threads()) {
      Optional<TargetProcess.BlockedCall> call = process.blockedCall(tid);
      if (call.isEmpty() || !isHarmless(tid, call.get())) {
        continue;
      }
      Armed before = armed.remove(tid);
      Tracee thread = before == null ? seize(tid) : before.thread();
      if (thread == null) {
        continue;
      }
      if (before != null) {
        before.breakpoints().clearEvents();
      }
      if (!thread.stop()) {
        thread.close();
        continue;
      }
      if (before != null) {
        before.breakpoints().clear();
      }
      Registers now = thread.registers();
      if (InterruptedCall.isBroken(now)
          && now.get(Registers.ORIG_RAX) == call.get().number()
          && now.get(Registers.RIP) == call.get().pc()
          && process.deliverable(tid) == 0
          && (process.pending(tid) & SIGTRAP_BIT) == 0) {
        return Optional.of(thread);
      }
      letGoStopped(thread);
    }
    return Optional.empty();
  }

  private boolean isHarmless(int tid, TargetProcess.BlockedCall call) throws IOException {
    if (!SleepingCalls.isSafe(SleepingCalls.numberOf(call, target.memory()))
        || target.isInLoader(call.pc())
        || target.isInAllocatorLibrary(call.pc())) {
      return false;
    }
    if (isInHandler(call.stackPointer())) {
      hindrance = "the threads that slept did so in signal handlers";
      return false;
    }
    return process.deliverable(tid) == 0;
  }

  /**
   * Whether a signal handler is on the stack: it may have interrupted the allocator. Its frame
   * begins with the restorer's address; an old one, left in unused memory, costs another try.
   */
  private boolean isInHandler(long stackPointer) throws IOException {
    Mapping stack =
        process.mappings().stream()
            .filter(m -> m.contains(stackPointer))
            .findFirst()
            .orElseThrow(() -> new IOException("it has a thread without a stack"));
    int bytes = (int) Math.min(stack.to() - stackPointer, MAX_STACK_BYTES) & -8;
    ByteBuffer words =
        ByteBuffer.wrap(target.memory().read(stackPointer, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    while (words.hasRemaining()) {
      if (words.getLong() == target.code().restorer()) {
        return true;
      }
    }
    return false;
  }

  /** A thread that has met a breakpoint at a good moment; others are sent on. */
  private Optional<Tracee> atEntry() throws IOException {
    for (Armed each : List.copyOf(armed.values())) {
      Optional<Stop> stop = each.thread().pollStop();
      if (stop.isEmpty()) {
        continue;
      }
      switch (stop.get().kind()) {
        case GONE -> {
          armed.remove(each.thread().tid());
          each.breakpoints().clearEvents();
          each.thread().close();
        }
        case GROUP -> each.thread().listen();
        case INTERRUPTED, SYSTEM_CALL -> each.thread().resume(0);
        case SIGNAL -> {
          if (!each.thread().isBreakpoint(stop.get())) {
            each.thread().resume(stop.get().signal());
          } else if (isAtEntry(each.thread())) {
            each.breakpoints().clear();
            armed.remove(each.thread().tid());
            return Optional.of(each.thread());
          } else {
            each.thread().resume(0);
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Called by the loader, or in a handler, it may hold locks all the same. */
  private boolean isAtEntry(Tracee thread) throws IOException {
    Registers now = thread.registers();
    long stackPointer = now.get(Registers.RSP);
    return target.allocatorEntries().contains(now.get(Registers.RIP))
        && !target.isInLoader(target.memory().u64(stackPointer))
        && !isInHandler(stackPointer);
  }

  private void armRunning() throws IOException, InjectionRefusedException {
    if (target.allocatorEntries().isEmpty()) {
      return;
    }
    for (int tid : process.threads()) {
      if (armed.size() < MAX_ARMED
          && !armed.containsKey(tid)
          && process.blockedCall(tid).isEmpty()) {
        Tracee thread = seize(tid);
        if (thread != null) {
          armed.put(
              tid,
              new Armed(
                  thread,
                  Breakpoints.set(thread, target.allocatorEntries(), config.perfEventsAllowed())));
        }
      }
    }
  }

  private boolean othersAreOutsideLoader(int chosen) throws IOException, InjectionRefusedException {
    for (int tid : process.threads()) {
      if (tid == chosen) {
        continue;
      }
      Optional<TargetProcess.BlockedCall> call = process.blockedCall(tid);
      long pc;
      if (call.isPresent()) {
        pc = call.get().pc();
      } else {
        Tracee thread = seize(tid);
        if (thread == null || !thread.stop()) {
          continue;
        }
        pc = thread.registers().get(Registers.RIP);
        letGoStopped(thread);
      }
      if (target.isInLoader(pc)) {
        return false;
      }
    }
    return true;
  }

  /** Null when the thread has ended. */
  private Tracee seize(int tid) throws IOException, InjectionRefusedException {
    try {
      return Tracee.seize(tid);
    } catch (Tracee.PtraceException failed) {
      if (failed.errno() == Errno.ESRCH || !process.threads().contains(tid)) {
        return null;
      }
      if (failed.errno() == Errno.EPERM) {
        throw Admission.notPermitted(process);
      }
      throw failed;
    }
  }

  private void disarmAll() throws IOException {
    armed.values().forEach(each -> each.breakpoints().clearEvents());
    for (Armed each : armed.values()) {
      try {
        if (each.thread().stop()) {
          each.breakpoints().clear();
          letGoStopped(each.thread());
        } else {
          each.thread().close();
        }
      } catch (Tracee.PtraceException gone) {
        // It has ended. The others must not keep their breakpoints for that.
        each.thread().close();
      }
    }
    armed.clear();
  }

  /** Detaches; what our stop did to a system call is undone, and a trap of ours taken back. */
  private void letGoStopped(Tracee thread) throws IOException {
    try {
      if ((process.pending(thread.tid()) & SIGTRAP_BIT) != 0) {
        takeTrap(thread);
      }
      if (process.deliverable(thread.tid()) == 0) {
        thread.setRegisters(InterruptedCall.of(thread.registers()).registers());
      }
      thread.detach(0);
    } catch (Tracee.PtraceException | java.nio.file.NoSuchFileException gone) {
      // It has ended; so has what we did to it.
      assert gone != null;
    } finally {
      thread.close();
    }
  }

  private static void takeTrap(Tracee thread) throws IOException {
    long mask = thread.signalMask();
    thread.setSignalMask(mask & ~SIGTRAP_BIT);
    thread.resume(0);
    thread.awaitStop(System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
    thread.setSignalMask(mask);
  }

  @Override
  public void close() throws IOException {
    disarmAll();
  }
}
