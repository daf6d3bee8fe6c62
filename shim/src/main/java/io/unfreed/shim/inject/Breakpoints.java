package io.unfreed.shim.inject;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.unfreed.bpf.ffi.SystemCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Hardware breakpoints on up to four functions, in one thread: no text is touched, no other thread
 * meets them. As perf events they are gone with our descriptors, however we end. Where those are
 * not permitted (perf_event_paranoid above 2) they are set as debug registers, which outlive us: a
 * target whose collector is killed in that moment dies by SIGTRAP.
 */
final class Breakpoints {
  static final int MAX = 4;

  private static final int ATTRIBUTES_BYTES = 128;
  private static final int PERF_TYPE_BREAKPOINT = 5;
  private static final int HW_BREAKPOINT_X = 4;

  /** exclude_kernel, exclude_hv, remove_on_exec, sigtrap. */
  private static final long FLAGS = 1L << 5 | 1L << 6 | 1L << 36 | 1L << 37;

  private static final long DR7_FOUR_EXECUTE = 0x55;
  private static final int DR7 = 7;

  private final Tracee thread;
  private final List<Integer> events;
  private final boolean debugRegisters;

  private Breakpoints(Tracee thread, List<Integer> events, boolean debugRegisters) {
    this.thread = thread;
    this.events = events;
    this.debugRegisters = debugRegisters;
  }

  /** Sets them in a seized thread, which runs on. */
  static Breakpoints set(Tracee thread, List<Long> addresses, boolean asEvents) throws IOException {
    List<Integer> events = new ArrayList<>();
    for (long address : addresses) {
      long fd = asEvents ? openEvent(thread.tid(), address) : -1;
      if (fd < 0) {
        events.forEach(SystemCall::close);
        return setDebugRegisters(thread, addresses);
      }
      events.add((int) fd);
    }
    return new Breakpoints(thread, events, false);
  }

  /** As perf events they can be taken away while the thread runs. */
  void clearEvents() {
    events.forEach(SystemCall::close);
    events.clear();
  }

  /** The thread stands still. A trap that it has met already may still be pending. */
  void clear() throws IOException {
    clearEvents();
    if (debugRegisters) {
      thread.setDebugRegister(DR7, 0);
    }
  }

  private static Breakpoints setDebugRegisters(Tracee thread, List<Long> addresses)
      throws IOException {
    if (!thread.stop()) {
      throw new IOException("thread " + thread.tid() + " cannot be stopped");
    }
    for (int i = 0; i < MAX; i++) {
      thread.setDebugRegister(i, addresses.get(Math.min(i, addresses.size() - 1)));
    }
    thread.setDebugRegister(DR7, DR7_FOUR_EXECUTE);
    thread.resume(0);
    return new Breakpoints(thread, new ArrayList<>(), true);
  }

  private static long openEvent(int tid, long address) {
    try (Arena arena = Arena.ofConfined()) {
      // struct perf_event_attr of linux/perf_event.h, PERF_ATTR_SIZE_VER7.
      MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
      attributes.set(JAVA_INT, 0, PERF_TYPE_BREAKPOINT);
      attributes.set(JAVA_INT, 4, ATTRIBUTES_BYTES);
      attributes.set(JAVA_LONG, 16, 1);
      attributes.set(JAVA_LONG, 40, FLAGS);
      attributes.set(JAVA_INT, 52, HW_BREAKPOINT_X);
      attributes.set(JAVA_LONG, 56, address);
      attributes.set(JAVA_LONG, 64, 8);
      return SystemCall.perfEventOpen(attributes, tid);
    }
  }
}
