package io.unfreed.streams.query;

/**
 * How much memory the reports of intervals may take, of all runs that answer one question together.
 * Not thread-safe.
 */
public final class ReportBudget {
  private final long mostBytes;
  private long heldBytes;
  private int reports;

  /** So many bytes, roughly. */
  public ReportBudget(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** As many as half of the heap has room for. */
  public static ReportBudget inHalfOfTheHeap() {
    return new ReportBudget(Runtime.getRuntime().maxMemory() / 2);
  }

  /** Takes room for one more report; false, and nothing is taken, when there is none. */
  boolean take(long bytes) {
    if (heldBytes + bytes > mostBytes) {
      return false;
    }
    heldBytes += bytes;
    reports++;
    return true;
  }

  /** So many reports were forgotten. */
  void giveBack(int count, long bytes) {
    reports -= count;
    heldBytes -= bytes;
  }

  /** That have room. */
  int reports() {
    return reports;
  }
}
