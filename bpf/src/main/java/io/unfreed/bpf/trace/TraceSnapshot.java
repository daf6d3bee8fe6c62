package io.unfreed.bpf.trace;

import java.util.List;
import java.util.Map;

/**
 * What was counted up to a moment.
 *
 * @param errors how often a call of a process ended with which errno
 */
public record TraceSnapshot(
    List<TraceCell> cells,
    Map<ErrorKey, Map<Integer, Long>> errors,
    List<TraceMemory> memory,
    Loss loss) {

  /** Which call of which process. */
  public record ErrorKey(int tgid, long subject) {}

  /**
   * What the numbers lack.
   *
   * @param mapFull happenings that found no place in the kernel's maps
   * @param unpaired ends of other calls than the one that began
   * @param events exact events that found their queue full
   * @param skipped programs that the kernel did not run because they ran already on that CPU
   */
  public record Loss(long mapFull, long unpaired, long events, long skipped) {
    public boolean isNone() {
      return mapFull + unpaired + events + skipped == 0;
    }
  }
}
