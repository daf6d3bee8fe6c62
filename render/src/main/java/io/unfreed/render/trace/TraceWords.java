package io.unfreed.render.trace;

import io.unfreed.bpf.trace.CallNames;
import io.unfreed.schemas.SlowCall;
import io.unfreed.schemas.TraceKind;
import io.unfreed.schemas.TraceRow;
import java.util.Map;

/** What is traced, in words. */
final class TraceWords {
  // Flags of lock:contention_begin, include/trace/events/lock.h.
  private static final int SPIN = 1;
  private static final int READ = 2;
  private static final int WRITE = 4;
  private static final int RT = 8;
  private static final int PERCPU = 16;
  private static final int MUTEX = 32;

  /** MAX_ERRNO of include/linux/err.h: what is further below zero is a result. */
  private static final int MOST_ERRNO = 4095;

  private static final Map<Long, String> OPERATIONS =
      Map.of(
          0L,
          "read",
          1L,
          "write",
          2L,
          "flush",
          3L,
          "discard",
          5L,
          "secure erase",
          9L,
          "write zeroes",
          34L,
          "driver in",
          35L,
          "driver out");

  private TraceWords() {}

  /** What kind of lock, as perf lock contention says it. */
  static String lockType(TraceRow row) {
    return switch (row.getKind()) {
      case FUTEX -> "futex";
      case FILE_LOCK -> "file lock";
      case KERNEL_LOCK -> kernelLockType((int) row.getDetail());
      case CALL, IO_SERVED, IO_QUEUED, MEMORY, OTHER -> "other";
    };
  }

  private static String kernelLockType(int flags) {
    if ((flags & MUTEX) != 0) {
      return "mutex";
    }
    if ((flags & RT) != 0) {
      return "rtmutex";
    }
    String mode = (flags & READ) != 0 ? ":R" : (flags & WRITE) != 0 ? ":W" : "";
    if ((flags & PERCPU) != 0) {
      return "pcpu-sem" + mode;
    }
    if ((flags & SPIN) != 0) {
      return mode.isEmpty() ? "spinlock" : "rwlock" + mode;
    }
    return mode.isEmpty() ? "semaphore" : "rwsem" + mode;
  }

  /** A lock's symbol where it is a variable of the kernel, else its address. */
  static String lock(TraceRow row) {
    return switch (row.getKind()) {
      case FILE_LOCK -> "descriptor " + row.getSubject();
      case KERNEL_LOCK, FUTEX, CALL, IO_SERVED, IO_QUEUED, MEMORY, OTHER ->
          row.getName() != null ? row.getName() : "0x" + Long.toHexString(row.getSubject());
    };
  }

  /** Device and operation. */
  static String request(String device, long subject, long operation) {
    return device(device, subject) + " " + operation(operation);
  }

  static String device(String name, long subject) {
    return name != null ? name : "0x" + Long.toHexString(subject);
  }

  /** enum req_op (include/linux/blk_types.h). */
  static String operation(long code) {
    return OPERATIONS.getOrDefault(code, "operation " + code);
  }

  /** What a system call failed with; null when it did not, or is none. */
  static String error(SlowCall call) {
    return call.getKind() == TraceKind.CALL
            && call.getResult() < 0
            && call.getResult() >= -MOST_ERRNO
        ? CallNames.error(-call.getResult())
        : null;
  }

  /** What took long. */
  static String subject(SlowCall call) {
    String hex = "0x" + Long.toHexString(call.getSubject());
    return switch (call.getKind()) {
      case CALL -> CallNames.call(call.getSubject());
      case KERNEL_LOCK -> "kernel lock " + hex;
      case FUTEX -> "futex " + hex;
      case FILE_LOCK -> "file lock of descriptor " + call.getSubject();
      case IO_SERVED ->
          request(call.getName(), call.getSubject(), call.getDetail()) + " from issue";
      case IO_QUEUED ->
          request(call.getName(), call.getSubject(), call.getDetail()) + " from insert";
      case MEMORY, OTHER -> hex;
    };
  }
}
