package io.unfreed.render;

import io.unfreed.query.ReportedLeak;
import io.unfreed.query.StackBook;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

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

  /** What text lists: leaks first when they are asked for, then stacks that are none. */
  List<ListEntry> entries(IncarnationReport report, StackBook book) {
    List<ListEntry> entries = new ArrayList<>();
    if (sort == Sort.leak) {
      Set<StackNumbers> leaking = Collections.newSetFromMap(new IdentityHashMap<>());
      for (ReportedLeak leak : ReportedLeak.of(report, book)) {
        entries.add(ListEntry.of(leak));
        leaking.addAll(leak.stacks());
      }
      report.stacks().stream()
          .filter(stack -> !leaking.contains(stack))
          .forEach(stack -> entries.add(new ListEntry.Stack(stack)));
    } else {
      sorted(report).forEach(stack -> entries.add(new ListEntry.Stack(stack)));
    }
    return cut(entries);
  }

  /** The stacks that are listed. */
  List<StackNumbers> listed(IncarnationReport report) {
    return cut(sorted(report));
  }

  private List<StackNumbers> sorted(IncarnationReport report) {
    return sort.order == null
        ? report.stacks()
        : report.stacks().stream().sorted(sort.order).toList();
  }

  private <T> List<T> cut(List<T> all) {
    return top == 0 || top >= all.size() ? all : all.subList(0, top);
  }
}
