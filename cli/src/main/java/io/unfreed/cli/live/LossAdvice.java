package io.unfreed.cli.live;

import io.unfreed.collector.live.Ending;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a recording lost, why, and what would help, in one line. */
final class LossAdvice {
  private static final long MEGABYTE = 1L << 20;
  private static final long LEAST_SUGGESTED_BYTES = 16 * MEGABYTE;
  private static final long LARGEST_BUFFER_BYTES = 1L << 30;

  /** A power of two that is worth another try: twice the size often loses again. */
  private static final int GROWTH = 4;

  /** Why events were lost, as the kernel side counts it; what helps depends on the recording. */
  private enum Cause {
    BUFFER("reserveFailed", "ring buffer full"),
    LIVE_BLOCKS("liveMapFull", "map of recorded blocks full"),
    THREAD_STATE("stateFailed", "no memory for the state of a thread"),
    RESULT("readFailed", "a call's result could not be read"),
    UNDER_WAY("exitWithoutEnter", "calls under way when their probes came"),
    NESTED_PROBE("recursionMisses", "probes hit while another one ran"),
    PAGES("pagesWithoutRoom", "faults of more pages than the recorder has memory for"),
    RING("ringFull", "rings full: --on-full wait loses nothing"),
    MALFORMED("malformed", "records that make no sense"),
    RINGS("threadsWithoutRing", "no ring was to be had for a thread");

    private final String counter;
    private final String what;

    Cause(String counter, String what) {
      this.counter = counter;
      this.what = what;
    }

    private String text(long bufferBytes) {
      return switch (this) {
        case BUFFER -> what + ": try " + buffer(bufferBytes);
        case LIVE_BLOCKS -> what + ": try a larger --sample-rate or --min-size";
        case PAGES ->
            what + ": try a larger heap (UNFREED_JAVA_OPTS=-Xmx..) or a larger --sample-rate";
        case THREAD_STATE, RESULT, UNDER_WAY, NESTED_PROBE, RING, MALFORMED, RINGS -> what;
      };
    }
  }

  private LossAdvice() {}

  /**
   * The line; null when nothing was lost.
   *
   * @param bufferBytes the buffer it was recorded with
   */
  static String of(Ending ending, long bufferBytes) {
    List<String> lost = new ArrayList<>();
    if (ending.lost() > 0) {
      lost.add(
          ending.lost()
              + " of "
              + ending.produced()
              + " events ("
              + causes(ending, bufferBytes)
              + ")");
    }
    long processes = counter(ending, "processFailed");
    if (processes > 0) {
      String known = counter(ending, "reserveFailed") > 0 ? "" : "ring buffer full: try ";
      lost.add(
          processes
              + (processes == 1 ? " record" : " records")
              + " of forks, execs and exits"
              + (known.isEmpty() ? "" : " (" + known + buffer(bufferBytes) + ")"));
    }
    return lost.isEmpty() ? null : "lost " + String.join(", and ", lost);
  }

  /** One cause stands alone; of several each has its number. */
  private static String causes(Ending ending, long bufferBytes) {
    List<Cause> seen = new ArrayList<>();
    long explained = 0;
    for (Cause cause : Cause.values()) {
      long events = counter(ending, cause.counter);
      if (events > 0) {
        seen.add(cause);
        explained += events;
      }
    }
    long others = ending.lost() - explained;
    if (seen.size() == 1 && others <= 0) {
      return seen.getFirst().text(bufferBytes);
    }
    List<String> texts = new ArrayList<>();
    seen.forEach(c -> texts.add(counter(ending, c.counter) + " " + c.text(bufferBytes)));
    if (others > 0) {
      texts.add(seen.isEmpty() ? "for no cause that was counted" : others + " otherwise");
    }
    return String.join("; ", texts);
  }

  private static long counter(Ending ending, String name) {
    return ending.counters().getOrDefault(name, 0L);
  }

  private static String buffer(long bufferBytes) {
    if (bufferBytes >= LARGEST_BUFFER_BYTES) {
      return "a larger --sample-rate or --min-size";
    }
    long bytes = Math.clamp(bufferBytes * GROWTH, LEAST_SUGGESTED_BYTES, LARGEST_BUFFER_BYTES);
    long megabytes = Long.highestOneBit(bytes) / MEGABYTE;
    return String.format(
        Locale.ROOT, "--buffer %s", megabytes < 1024 ? megabytes + "m" : megabytes / 1024 + "g");
  }
}
