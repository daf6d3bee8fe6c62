package io.unfreed.bpf.trace;

import java.util.List;

/**
 * What was counted of one thing in one process, since the start.
 *
 * @param subject a system call's number, a lock's address, a device
 * @param detail of a lock its flags and, in the upper half, its stack; of io the operation
 * @param comm the kernel's short name of the process
 * @param bytes of io
 * @param slots counts by powers of two of microseconds; slot 0 is of 0 and 1 us
 */
public record TraceCell(
    Kind kind,
    long subject,
    long detail,
    int tgid,
    String comm,
    long count,
    long errors,
    long totalNanos,
    long maxNanos,
    long bytes,
    List<Long> slots) {
  /** enum trace_kind, from 1. */
  public enum Kind {
    CALL,
    KERNEL_LOCK,
    FUTEX,
    FILE_LOCK,
    IO_SERVED,
    IO_QUEUED;

    static Kind of(int code) {
      return values()[code - 1];
    }
  }

  /** Of a lock: the reference of its stack, -1 for none. */
  public int stack() {
    return (int) (detail >>> 32);
  }
}
