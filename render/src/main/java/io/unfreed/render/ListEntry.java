package io.unfreed.render;

import io.unfreed.query.ReportedLeak;
import io.unfreed.streams.lane.StackNumbers;

/** What a report lists as one. */
sealed interface ListEntry {
  /** Parts of a list, in this order. */
  enum Part {
    LEAKS("leaks, fastest first:"),
    LARGE("large, and no leak:"),
    REST("the rest:");

    private final String heading;

    Part(String heading) {
      this.heading = heading;
    }

    String heading() {
      return heading;
    }
  }

  /** Where it stands. */
  Part part();

  /** A stack, which may be a leak by itself. */
  record Stack(StackNumbers numbers, Part part) implements ListEntry {}

  /** A leak over several stacks. */
  record Spread(ReportedLeak leak) implements ListEntry {
    @Override
    public Part part() {
      return Part.LEAKS;
    }
  }

  static ListEntry of(StackNumbers stack) {
    return new Stack(stack, Part.REST);
  }

  static ListEntry of(ReportedLeak leak) {
    return leak.stacks().size() == 1
        ? new Stack(leak.stacks().getFirst(), Part.LEAKS)
        : new Spread(leak);
  }
}
