package io.unfreed.render;

import io.unfreed.query.ReportedLeak;
import io.unfreed.streams.lane.StackNumbers;

/** What a report lists as one. */
sealed interface ListEntry {
  /** A stack, which may be a leak by itself. */
  record Stack(StackNumbers numbers) implements ListEntry {}

  /** A leak over several stacks. */
  record Spread(ReportedLeak leak) implements ListEntry {}

  static ListEntry of(ReportedLeak leak) {
    return leak.stacks().size() == 1 ? new Stack(leak.stacks().getFirst()) : new Spread(leak);
  }
}
