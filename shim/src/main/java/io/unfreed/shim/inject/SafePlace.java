package io.unfreed.shim.inject;

import io.unfreed.bpf.ffi.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;

/**
 * Finds a thread that holds no lock which dlopen or the allocator may want, and stops it there:
 * asleep in a system call that neither of them makes, back from one, or in code that is neither the
 * allocator's, nor the C library's, nor the loader's. Waiting for another thread is such a call
 * where libc makes it in a way in which it waits for none of its own locks. A stop is all that a
 * thread ever gets, by PTRACE_INTERRUPT: no signal and no breakpoint, whose trap would end the
 * target when we die before we have taken it back. Threads that sleep elsewhere are not disturbed.
 */
final class SafePlace {
  private static final long ROUND_NANOS = 2_000_000;
  private static final String IN_LOADER = "a thread was in the dynamic loader all the time";

  /** So many running threads are looked at in a round, others in the next. */
  private static final int MAX_LOOKS = 16;

  /** rseq_cs in {@code struct rseq} of linux/rseq.h. */
  private static final int RSEQ_CS = 8;

  /** Deeper stacks are looked at so far up; a handler that sleeps is near. */
  private static final int MAX_STACK_BYTES = 256 << 10;

  private final TargetProcess process;
  private final TargetMap target;
  private final InjectionConfig config;
  private int lastLook;
  private String hindrance = "no thread came to a safe place";

  private SafePlace(TargetProcess process, TargetMap target, InjectionConfig config) {
    this.process = process;
    this.target = target;
    this.config = config;
  }

  /** The thread, stopped; the caller owns it. No other thread is traced any more. */
  static Tracee stopThread(TargetProcess process, TargetMap target, InjectionConfig config)
      throws IOException, InjectionRefusedException {
    return new SafePlace(process, target, config).search();
  }

  private Tracee search() throws IOException, InjectionRefusedException {
    long deadline = System.nanoTime() + config.search().toNanos();
    do {
      Optional<Tracee> found = asleep();
      if (found.isEmpty()) {
        found = running();
      }
      if (found.isPresent()) {
        if (othersAreOutsideLoader(found.get().tid())) {
          return found.get();
        }
        hindrance = IN_LOADER;
        letGo(found.get());
      }
      LockSupport.parkNanos(ROUND_NANOS);
    } while (System.nanoTime() - deadline < 0);
    throw new InjectionRefusedException(
        hindrance
            + " within "
            + config.search().toSeconds()
            + " s"
            + (hindrance.equals(IN_LOADER)
                ? " (loading or unloading a library, or waiting in one's constructor)"
                : " (none slept in a call such as epoll_wait, or for a condition, none was met"
                    + " outside of the C library and the allocator)"));
  }

  /** A thread asleep in a harmless system call. */
  private Optional<Tracee> asleep() throws IOException, InjectionRefusedException {
    for (int tid : process.threads()) {
      Optional<TargetProcess.BlockedCall> call = process.blockedCall(tid);
      if (call.isEmpty() || !mayBorrow(tid) || !isHarmless(tid, call.get())) {
        continue;
      }
      Optional<Tracee> thread = stop(tid);
      if (thread.isEmpty()) {
        continue;
      }
      Registers now = thread.get().registers();
      if (InterruptedCall.isBroken(now)
          && now.get(Registers.ORIG_RAX) == call.get().number()
          && now.get(Registers.RIP) == call.get().pc()
          && process.deliverable(tid) == 0
          && mayBorrow(tid)) {
        return thread;
      }
      letGo(thread.get());
    }
    return Optional.empty();
  }

  /** Asked before it is stopped, to spare it that, and then: it may have taken on a filter. */
  private boolean mayBorrow(int tid) throws IOException {
    return Admission.sandbox(process, tid, config).isEmpty();
  }

  /** A thread that runs, met where nobody's locks are held; each gets its turn. */
  private Optional<Tracee> running() throws IOException, InjectionRefusedException {
    List<Integer> tids = new ArrayList<>(process.threads());
    Collections.rotate(tids, -(tids.indexOf(lastLook) + 1));
    int looks = 0;
    for (int tid : tids) {
      if (process.blockedCall(tid).isPresent() || !mayBorrow(tid)) {
        continue;
      }
      Optional<Tracee> thread = stop(tid);
      lastLook = tid;
      if (thread.isPresent()) {
        if (isOutside(thread.get().registers())
            && !isInRestartableSequence(thread.get())
            && process.deliverable(tid) == 0
            && mayBorrow(tid)) {
          return thread;
        }
        letGo(thread.get());
      }
      if (++looks == MAX_LOOKS) {
        break;
      }
    }
    return Optional.empty();
  }

  /** Just back from a harmless call, or in code that has nothing to do with memory. */
  private boolean isOutside(Registers now) throws IOException {
    long pc = now.get(Registers.RIP);
    long stackPointer = now.get(Registers.RSP);
    if (InterruptedCall.isIn(now)) {
      return isHarmless(
          new TargetProcess.BlockedCall(
              now.get(Registers.ORIG_RAX), now.get(Registers.RSI), stackPointer, pc));
    }
    return target.isOutside(pc)
        && !isOnStack(stackPointer, word -> word == target.code().restorer())
        && !isOnStack(stackPointer, target::isInAllocatorLibrary);
  }

  /** The kernel would forget, for a moment elsewhere, that it must begin the sequence anew. */
  private boolean isInRestartableSequence(Tracee thread) throws IOException {
    long area = thread.restartableSequences();
    return area != 0 && target.memory().u64(area + RSEQ_CS) != 0;
  }

  /** Of a thread that goes on meanwhile, and may end. */
  private boolean isHarmless(int tid, TargetProcess.BlockedCall call) throws IOException {
    try {
      return isHarmless(call) && process.deliverable(tid) == 0;
    } catch (IOException failed) {
      // Its stack, or what /proc says of it.
      if (process.blockedCall(tid).equals(Optional.of(call))) {
        throw failed;
      }
      return false;
    }
  }

  private boolean isHarmless(TargetProcess.BlockedCall call) throws IOException {
    boolean forOthers =
        SleepingCalls.isWaitForOthers(call.number(), call.second()) && target.isOfLibc(call.pc());
    if (!(forOthers || SleepingCalls.isSafe(SleepingCalls.numberOf(call, target.memory())))
        || target.isInLoader(call.pc())
        || target.isInAllocatorLibrary(call.pc())) {
      return false;
    }
    if (isOnStack(call.stackPointer(), word -> word == target.code().restorer())) {
      hindrance = "the threads that slept did so in signal handlers";
      return false;
    }
    // An allocator may wait with a time limit for a lock of its own.
    return !forOthers || !isOnStack(call.stackPointer(), target::isInAllocatorLibrary);
  }

  /**
   * Whether such a word is on the stack. A handler's frame, for one, begins with the restorer's
   * address, and what it interrupted may be the allocator; an old one, left in unused memory, costs
   * another try.
   */
  private boolean isOnStack(long stackPointer, LongPredicate wanted) throws IOException {
    Optional<Mapping> stack =
        process.mappings().stream().filter(m -> m.contains(stackPointer)).findFirst();
    if (stack.isEmpty()) {
      return true; // a thread without one: not here
    }
    int bytes = (int) Math.min(stack.get().to() - stackPointer, MAX_STACK_BYTES) & -8;
    ByteBuffer words =
        ByteBuffer.wrap(target.memory().read(stackPointer, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    while (words.hasRemaining()) {
      if (wanted.test(words.getLong())) {
        return true;
      }
    }
    return false;
  }

  /**
   * The loader's locks are looked at last: a thread in a constructor is elsewhere, and has them.
   */
  private boolean othersAreOutsideLoader(int chosen) throws IOException, InjectionRefusedException {
    if (target.loaderIsBusy()) {
      return false;
    }
    for (int tid : process.threads()) {
      if (tid == chosen) {
        continue;
      }
      Optional<TargetProcess.BlockedCall> call = process.blockedCall(tid);
      long pc;
      if (call.isPresent()) {
        pc = call.get().pc();
      } else {
        Optional<Tracee> thread = stop(tid);
        if (thread.isEmpty()) {
          continue;
        }
        pc = thread.get().registers().get(Registers.RIP);
        letGo(thread.get());
      }
      if (target.isInLoader(pc)) {
        return false;
      }
    }
    return !target.loaderIsHeldByOtherThan(process.ownId(chosen));
  }

  /** The thread, seized and stopped; empty when it has ended, or is stopped with its process. */
  private Optional<Tracee> stop(int tid) throws IOException, InjectionRefusedException {
    Tracee thread;
    try {
      thread = Tracee.seize(tid);
    } catch (Tracee.PtraceException failed) {
      if (failed.errno() == Errno.ESRCH || process.isEnding(tid)) {
        return Optional.empty();
      }
      if (failed.errno() == Errno.EPERM) {
        throw Admission.notPermitted(process);
      }
      throw failed;
    }
    try {
      if (thread.stop()) {
        return Optional.of(thread);
      }
    } catch (Tracee.PtraceException gone) {
      if (gone.errno() != Errno.ESRCH) {
        throw gone;
      }
    }
    thread.close();
    return Optional.empty();
  }

  /** Detaches; what our stop did to a system call is undone. */
  private void letGo(Tracee thread) throws IOException {
    try {
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
}
