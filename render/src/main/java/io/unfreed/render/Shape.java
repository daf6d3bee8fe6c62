package io.unfreed.render;

import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.util.Comparator;
import java.util.List;

/**
 * What of a report is shown, and in which order.
 *
 * @param top stacks listed of a process, 0 for all
 * @param sort their order
 * @param limitBytes the memory that the process may have; null when nobody said
 */
public record Shape(int top, Sort sort, Long limitBytes) {
  /** Orders of stacks. */
  public enum Sort {
    leak(null),
    bytes(IncarnationReport.BY_BYTES),
    count(most(StackNumbers::outstandingCount)),
    allocations(most(StackNumbers::allocations));

    private final Comparator<StackNumbers> order;

    Sort(Comparator<StackNumbers> order) {
      this.order = order;
    }

    private static Comparator<StackNumbers> most(
        java.util.function.ToLongFunction<StackNumbers> number) {
      return Comparator.comparingLong(number).reversed().thenComparing(IncarnationReport.BY_BYTES);
    }
  }

  /** So many stacks, what leaks first. */
  public static Shape ofTop(int top) {
    return new Shape(top, Sort.leak, null);
  }

  /** The stacks that are listed. */
  List<StackNumbers> listed(IncarnationReport report) {
    List<StackNumbers> stacks =
        sort.order == null ? report.stacks() : report.stacks().stream().sorted(sort.order).toList();
    return top == 0 || top >= stacks.size() ? stacks : stacks.subList(0, top);
  }
}
