package io.unfreed.collector.live;

import java.util.ArrayList;
import java.util.List;

/** What a library in the process cannot see, in a line each. */
final class ShimBlindSpots {
  private ShimBlindSpots() {}

  static List<String> lines(LivePlan plan) {
    List<String> lines = new ArrayList<>();
    lines.add("mappings that the C library makes for itself (thread stacks, arenas)");
    lines.add("calls inside an object that defines the allocator itself (probes see them)");
    if (plan.target() instanceof LiveTarget.Processes) {
      lines.add("calls through pointers that were taken before, and those of new images (exec)");
    }
    if (!plan.config().followChildren()) {
      lines.add("children (--follow-children)");
    }
    return lines;
  }
}
