package io.unfreed.render.trace;

import io.unfreed.render.Moments;
import io.unfreed.schemas.Frame;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.StackHash;
import io.unfreed.schemas.TraceRow;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.trace.TraceView;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/**
 * What is told at one moment: all since the trace began.
 *
 * @param frames of a stack, innermost first; null for one that is not known
 */
public record TraceReport(Session session, TraceView view, Function<StackId, List<Frame>> frames) {
  /** When it was; null when the recording does not say it. */
  Instant at() {
    return Moments.wallClock(session, view.atNanos());
  }

  /** The code that waits, innermost first, what was inlined left out; empty when not known. */
  List<String> stack(TraceRow row) {
    StackHash id = row.getStackId();
    List<Frame> known = id == null ? null : frames.apply(StackId.of(id));
    return known == null
        ? List.of()
        : known.stream().filter(frame -> !frame.getInlined()).map(TraceReport::text).toList();
  }

  private static String text(Frame frame) {
    String module =
        frame.getModule() == null
            ? null
            : frame.getModule().substring(frame.getModule().lastIndexOf('/') + 1);
    if (frame.getSymbol() == null) {
      String address =
          frame.getAddress() == null ? "??" : "0x" + Long.toHexString(frame.getAddress());
      return address + (module == null ? "" : " [" + module + "]");
    }
    return module == null || module.startsWith("[")
        ? frame.getSymbol()
        : frame.getSymbol() + " [" + module + "]";
  }

  /** Whether a process has more blocks of the kernel's memory than it may, and rising. */
  boolean isSuspect(TraceRow row) {
    return row.getCount() - row.getFrees() > view.head().getSuspectAbove()
        && row.getRises() >= TraceRows.RISES;
  }
}
