package io.unfreed.query;

import io.unfreed.schemas.Frame;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.text.Printable;
import io.unfreed.streams.lane.FreedBy;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.record.ReportRecords;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Evidence;
import io.unfreed.streams.verdict.Sentence;
import io.unfreed.streams.verdict.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The evidence of the verdicts of a report, and in its last clause who frees the blocks that do not
 * leak: the best pointer to the free that is missing. Where releases have stacks it is the function
 * through which they go, and the fewest others; where they have none, and no block is ever freed, a
 * caller whose blocks of the same function are. Not thread-safe.
 */
public final class WhoFrees {
  /** So many of the releases go through the function that is named. */
  private static final double NEARLY_ALL = 0.9;

  private static final double MOST = 0.5;
  private static final double SURE = 0.5;
  private static final double HUNDRED = 100;

  /** An allocator of which more stacks are known is everybody's, and tells nothing. */
  private static final int FEW = 4;

  private final IncarnationReport report;
  private final StackBook book;

  /** Releases that go through a function, of all stacks; null before it is asked for. */
  private Map<String, Long> through;

  /** Stacks by their innermost function; null before they are asked for. */
  private Map<String, List<StackNumbers>> byAllocator;

  /** About the stacks of a report. */
  public WhoFrees(IncarnationReport report, StackBook book) {
    this.report = report;
    this.book = book;
  }

  /** What speaks for the verdict of these stacks. */
  public String evidence(Verdict verdict, List<StackNumbers> stacks) {
    String sentence = Sentence.of(verdict, report.atNanos() != null);
    String clause =
        verdict instanceof Verdict.Leaking leaking && leaking.sort() == Verdict.Kind.BLOCKS
            ? clause(leaking.evidence(), stacks)
            : null;
    return clause == null ? sentence : sentence + "; " + clause;
  }

  private String clause(Evidence evidence, List<StackNumbers> stacks) {
    if (evidence.freed() > 0) {
      String where = where(stacks);
      return where == null ? null : others(evidence) + " are freed " + where;
    }
    return stacks.size() == 1 ? sibling(stacks.getFirst()) : null;
  }

  private static String others(Evidence e) {
    double stay = HUNDRED * Math.max(0, e.born() - e.freed()) / e.born();
    return String.format(
        Locale.ROOT, stay < 1 ? "the other %.2f %%" : "the other %.1f %%", HUNDRED - stay);
  }

  private String where(List<StackNumbers> stacks) {
    Map<StackId, Long> releasers = new LinkedHashMap<>();
    long all = 0;
    for (StackNumbers stack : stacks) {
      if (stack.freedBy() == null) {
        return null;
      }
      all += stack.freedBy().otherFrees();
      for (FreedBy.Releaser releaser : stack.freedBy().stacks()) {
        releasers.merge(releaser.stackId(), releaser.frees(), Long::sum);
        all += releaser.frees();
      }
    }
    Map<String, Long> frees = new LinkedHashMap<>();
    releasers.forEach(
        (id, count) -> functions(id).forEach(function -> frees.merge(function, count, Long::sum)));
    String best = null;
    for (Map.Entry<String, Long> function : frees.entrySet()) {
      if (function.getValue() >= NEARLY_ALL * all
          && (best == null || through(function.getKey()) < through(best))) {
        best = function.getKey();
      }
    }
    return best == null ? mostly(releasers, all) : "in " + name(best);
  }

  /** No function is common to nearly all: the one that most are freed by. */
  private String mostly(Map<StackId, Long> releasers, long all) {
    Map<String, Long> frees = new LinkedHashMap<>();
    releasers.forEach((id, count) ->
        functions(id).stream()
            .findFirst()
            .ifPresent(function -> frees.merge(function, count, Long::sum)));
    return frees.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .filter(function -> function.getValue() >= MOST * all)
        .map(function -> "mostly in " + name(function.getKey()))
        .orElse(null);
  }

  private long through(String function) {
    if (through == null) {
      through = new HashMap<>();
      for (StackNumbers stack : known()) {
        if (stack.freedBy() != null) {
          for (FreedBy.Releaser releaser : stack.freedBy().stacks()) {
            functions(releaser.stackId())
                .forEach(one -> through.merge(one, releaser.frees(), Long::sum));
          }
        }
      }
    }
    return through.getOrDefault(function, 0L);
  }

  /** A caller of the same function whose blocks come and go. */
  private String sibling(StackNumbers leak) {
    List<String> own = new ArrayList<>(functions(leak.key().stackId()));
    List<StackNumbers> alike = own.isEmpty() ? List.of() : ofAllocator(own.getFirst());
    if (alike.size() > FEW) {
      return null;
    }
    return alike.stream()
        .filter(stack -> !stack.key().equals(leak.key()) && isFreed(stack))
        .max(Comparator.comparingLong(StackNumbers::frees))
        .map(stack -> caller(own, new ArrayList<>(functions(stack.key().stackId()))))
        .orElse(null);
  }

  private List<StackNumbers> ofAllocator(String function) {
    if (byAllocator == null) {
      byAllocator = new HashMap<>();
      for (StackNumbers stack : known()) {
        functions(stack.key().stackId()).stream()
            .findFirst()
            .ifPresent(one -> byAllocator.computeIfAbsent(one, f -> new ArrayList<>()).add(stack));
      }
    }
    return byAllocator.getOrDefault(function, List.of());
  }

  private static String caller(List<String> own, List<String> other) {
    for (int i = 1; i < other.size(); i++) {
      if (i >= own.size() || !other.get(i).equals(own.get(i))) {
        return "those of "
            + name(own.getFirst())
            + " by way of "
            + name(other.get(i))
            + " are freed";
      }
    }
    return null;
  }

  private static boolean isFreed(StackNumbers stack) {
    return stack.frees() > 0
        && (stack.outstandingCount() == 0
            || (stack.verdict() instanceof Verdict.Bounded bounded
                && bounded.confidence() >= SURE));
  }

  /** What a published report lists, so that all paths say the same. */
  private List<StackNumbers> known() {
    return Stream.concat(
            report.stacks().stream().limit(ReportRecords.STACKS_PER_REPORT),
            report.temporary().stream().limit(ReportRecords.TEMPORARY_PER_REPORT))
        .toList();
  }

  /** Innermost first, each once. */
  private Set<String> functions(StackId id) {
    Set<String> functions = new LinkedHashSet<>();
    List<Frame> frames = book.frames(id);
    for (Frame frame : frames == null ? List.<Frame>of() : frames) {
      if (frame.getSymbol() != null) {
        functions.add(frame.getSymbol() + "\n" + frame.getModule());
      }
    }
    return functions;
  }

  private static String name(String function) {
    return Printable.of(function.substring(0, function.lastIndexOf('\n')));
  }
}
