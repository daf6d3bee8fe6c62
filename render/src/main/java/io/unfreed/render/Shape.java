package io.unfreed.render;

import io.unfreed.query.ReportedLeak;
import io.unfreed.query.StackBook;
import io.unfreed.query.Suppressions;
import io.unfreed.query.TimeToLimit;
import io.unfreed.schemas.Session;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What of a report is shown, and in which order.
 *
 * @param top stacks listed of a process, 0 for all
 * @param sort their order
 * @param limitBytes the memory that the process may have; null when nobody said, so that the limit
 *     counts that the recording tells
 * @param colour of text
 * @param suppressions what is not shown
 */
public record Shape(int top, Sort sort, Long limitBytes, Colour colour, Suppressions suppressions) {
  /** Orders of stacks. */
  public enum Sort {
    leak(null),
    bytes(IncarnationReport.BY_BYTES),
    count(most(StackNumbers::outstandingCount)),
    allocations(most(StackNumbers::allocations)),
    temporary(IncarnationReport.BY_TEMPORARY);

    private final Comparator<StackNumbers> order;

    Sort(Comparator<StackNumbers> order) {
      this.order = order;
    }

    private static Comparator<StackNumbers> most(
        java.util.function.ToLongFunction<StackNumbers> number) {
      return Comparator.comparingLong(number).reversed().thenComparing(IncarnationReport.BY_BYTES);
    }
  }

  /** Large is what holds such a share of the outstanding bytes that do not leak. */
  private static final double LARGE = 0.05;

  /** Less sure verdicts say nothing about what is large. */
  private static final double SURE = 0.5;

  /** Without colour. */
  public Shape(int top, Sort sort, Long limitBytes) {
    this(top, sort, limitBytes, Colour.OFF, Suppressions.NONE);
  }

  /** So many stacks, what leaks first. */
  public static Shape ofTop(int top) {
    return new Shape(top, Sort.leak, null);
  }

  /** The limit that counts. */
  Long limitBytes(Session session) {
    return limitBytes != null ? limitBytes : TimeToLimit.limit(session);
  }

  /**
   * What text lists: leaks first when they are asked for, then what is large and why it is none,
   * then the rest.
   */
  List<ListEntry> entries(IncarnationReport report, StackBook book, Hidden hidden) {
    if (sort != Sort.leak) {
      return cut(sorted(report, hidden).stream().map(ListEntry::of).toList());
    }
    List<ListEntry> entries = new ArrayList<>();
    Set<StackNumbers> leaking = Collections.newSetFromMap(new IdentityHashMap<>());
    for (ReportedLeak leak : ReportedLeak.of(report, book, hidden::shows)) {
      entries.add(ListEntry.of(leak));
      leaking.addAll(leak.stacks());
    }
    long kept = report.selected().outstandingBytes() - hidden.bytes();
    for (StackNumbers stack : leaking) {
      kept -= stack.outstandingBytes();
    }
    List<ListEntry> rest = new ArrayList<>();
    int place = 0;
    for (StackNumbers stack : report.stacks()) {
      boolean isPublished = place++ < ReportRecords.STACKS_PER_REPORT;
      if (leaking.contains(stack) || !hidden.shows(stack)) {
        continue;
      }
      if (isPublished && isLarge(stack, kept)) {
        entries.add(new ListEntry.Stack(stack, ListEntry.Part.LARGE));
      } else {
        rest.add(ListEntry.of(stack));
      }
    }
    entries.addAll(rest);
    return cut(entries);
  }

  /** Whether it holds much, and it is known why that is no leak. */
  private static boolean isLarge(StackNumbers stack, long keptBytes) {
    return stack.outstandingBytes() >= LARGE * keptBytes
        && stack.verdict() != null
        && stack.verdict().confidence() != null
        && stack.verdict().confidence() >= SURE;
  }

  /** The stacks that are listed. */
  List<StackNumbers> listed(IncarnationReport report, Hidden hidden) {
    return cut(sorted(report, hidden));
  }

  /** Whether it is about what was released at once, not about what is held. */
  boolean isOfTemporary() {
    return sort == Sort.temporary;
  }

  private List<StackNumbers> sorted(IncarnationReport report, Hidden hidden) {
    Stream<StackNumbers> all =
        isOfTemporary()
            ? Stream.concat(report.stacks().stream(), report.temporary().stream())
                .filter(stack -> IncarnationReport.temporaryOf(stack) > 0)
            : report.stacks().stream();
    Stream<StackNumbers> shown = all.filter(hidden::shows);
    return (sort.order == null ? shown : shown.sorted(sort.order)).toList();
  }

  private <T> List<T> cut(List<T> all) {
    return top == 0 || top >= all.size() ? all : all.subList(0, top);
  }
}
