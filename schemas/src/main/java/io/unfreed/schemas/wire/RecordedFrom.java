package io.unfreed.schemas.wire;

import io.unfreed.schemas.Process;

/**
 * From how long after the start of a process, or of its image since the last exec, its allocator
 * calls were seen: nanoseconds, null when that is not known (imports, the kernel, recordings of the
 * first version).
 */
public final class RecordedFrom {
  /** From the first instruction. */
  public static final long BEGINNING = 0;

  /** Not at all: a lane without events. */
  public static final long NEVER = -1;

  private RecordedFrom() {}

  /** Whether calls are known to be missing, so that none of the process's blocks is certain. */
  public static boolean isInPart(Process process) {
    Long from = process.getRecordedFromNanos();
    return from != null && from != BEGINNING;
  }
}
