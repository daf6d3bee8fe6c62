package io.unfreed.bpf.trace;

/**
 * What was counted of one thing in one process, since the start.
 *
 * @param subject a system call's number, a lock's address, a device
 * @param detail of a lock its flags and, in the upper half, its stack; of io the operation
 * @param comm the kernel's short name of the process
 * @param bytes of io
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
    LatencyHistogram histogram) {
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

  /** Of a kernel lock: include/trace/events/lock.h. */
  public int lockFlags() {
    return (int) detail;
  }
}
