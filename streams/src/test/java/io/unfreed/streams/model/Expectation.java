package io.unfreed.streams.model;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.lane.Ages;
import io.unfreed.streams.lane.Counts;
import io.unfreed.streams.lane.FreedBy;
import io.unfreed.streams.lane.Releases;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.ledger.AddressSpace;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.verdict.Histogram;
import io.unfreed.streams.verdict.Judge;
import io.unfreed.streams.verdict.Leaks;
import io.unfreed.streams.verdict.Starting;
import io.unfreed.streams.verdict.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * What a report should say, from models of the incarnation's lanes.
 *
 * @param lanes the model of each lane as of the moment
 * @param moment session time of the report
 * @param question what is selected
 * @param laneCount lanes of the incarnation, also those of which nothing arrived
 */
public record Expectation(
    List<ReferenceModel> lanes, long moment, Question question, int laneCount) {
  /** What is asked, and what kind of lanes they are. */
  public record Question(
      long older,
      long minSize,
      long maxSize,
      boolean timed,
      boolean filtered,
      boolean kernel,
      boolean freeStacks) {
    boolean passes(long size) {
      return size >= minSize && size <= maxSize;
    }
  }

  /** The totals, never filtered. */
  public TotalsNumbers totals() {
    boolean one = laneCount == 1;
    List<Tally.Block> blocks = blocks();
    List<TotalsNumbers.SpaceNumbers> spaces = new ArrayList<>();
    for (AddressSpace space : AddressSpace.ALL) {
      int number = space.ordinal();
      if (keys().stream().anyMatch(key -> key.space() == number)) {
        List<Tally.Block> of = blocks.stream().filter(b -> b.key.space() == number).toList();
        spaces.add(
            new TotalsNumbers.SpaceNumbers(
                space, of.stream().mapToLong(b -> b.left).sum(), of.size()));
      }
    }
    return new TotalsNumbers(
        new Counts(
            total("allocations"),
            total("frees"),
            total("superseded"),
            total("closedByExec"),
            total("allocatedBytes"),
            blocks.stream().mapToLong(b -> b.left).sum(),
            blocks.size(),
            certain(null)),
        new TotalsNumbers.OneLane(
            question.filtered() || !one ? null : total("temporary"),
            question.kernel() || !one ? null : lanes.getFirst().peak),
        question.filtered() ? null : total("unmatched"),
        total("lost"),
        total("missing"),
        doubtfulUntil(),
        (int) blocks.stream().map(b -> b.key).distinct().count(),
        spaces,
        null);
  }

  private Long doubtfulUntil() {
    long until = lanes.stream().mapToLong(lane -> lane.doubtfulUntil).max().orElse(0);
    return until == Long.MIN_VALUE ? null : (Long) until;
  }

  /** A tick is judged two ticks behind the last change at the latest. */
  private long quietFrom() {
    return stacks().stream()
        .filter(n -> n.accumulation() != null)
        .mapToLong(n -> (n.accumulation().lastTick() + 2) * n.accumulation().tick())
        .max()
        .orElse(0);
  }

  /** What a report lists, judged and in order. */
  public List<StackNumbers> reported(boolean ofTick) {
    List<StackNumbers> held = stacks().stream().filter(n -> n.outstandingCount() > 0).toList();
    TotalsNumbers totals = totals();
    Judge.Case asked =
        question.timed()
            ? new Judge.Case(
                ofTick ? Math.min(moment, quietFrom()) : moment,
                totals.doubtfulUntil(),
                held.size(),
                1e9)
            : new Judge.Case(totals.allocatedBytes(), totals.doubtfulUntil(), held.size(), 0);
    List<StackNumbers> judged = held.stream().map(n -> judged(n, asked)).toList();
    Starting starting =
        Starting.of(judged.stream().map(StackNumbers::accumulation).toList(), asked);
    return judged.stream()
        .map(n -> n.withVerdict(starting.seen(n.verdict(), n.accumulation())))
        .sorted(IncarnationReport.ORDER)
        .toList();
  }

  /** What holds nothing and made temporary allocations. */
  public List<StackNumbers> temporary() {
    return stacks().stream()
        .filter(n -> n.outstandingCount() == 0 && n.temporaryAllocations() != null)
        .filter(n -> n.temporaryAllocations() > 0)
        .map(StackNumbers::withoutAccumulation)
        .sorted(IncarnationReport.BY_TEMPORARY)
        .toList();
  }

  private static StackNumbers judged(StackNumbers n, Judge.Case asked) {
    Verdict verdict = Judge.judge(n.accumulation(), n.released(), asked);
    return n.withVerdict(
        verdict, Leaks.isSuspect(verdict) ? n.accumulation().survivorsAt(asked.moment()) : null);
  }

  /** Every stack that ever allocated, by stack and space. */
  public List<StackNumbers> stacks() {
    return keys().stream().map(this::stack).toList();
  }

  /** Outstanding blocks of a stack that are selected. */
  long count(Tally.Key key) {
    return selected(key).size();
  }

  TreeSet<Tally.Key> keys() {
    TreeSet<Tally.Key> keys =
        new TreeSet<>(Comparator.comparingInt(Tally.Key::stack).thenComparingInt(Tally.Key::space));
    lanes.forEach(lane -> keys.addAll(lane.byStack.keySet()));
    return keys;
  }

  private StackNumbers stack(Tally.Key key) {
    List<Tally.Block> chosen = selected(key);
    return new StackNumbers(
        stackKey(key),
        new Counts(
            of(key, "allocations"),
            of(key, "frees"),
            of(key, "superseded"),
            of(key, "closedByExec"),
            of(key, "allocatedBytes"),
            chosen.stream().mapToLong(b -> b.left).sum(),
            chosen.size(),
            certain(key)),
        blocks().stream().filter(b -> b.key.equals(key)).count(),
        ages(key, chosen),
        new Releases(
            question.filtered() || laneCount != 1 ? null : (Long) of(key, "temporary"),
            of(key, "moved")),
        Changes.of(lanes, key),
        null,
        question.freeStacks() ? freedBy(key) : null);
  }

  private FreedBy freedBy(Tally.Key key) {
    List<FreedBy.Releaser> releasers = new ArrayList<>();
    for (int stack = EventCursor.NO_STACK; stack < RandomLane.STACKS; stack++) {
      long frees = of(key, "by " + stack);
      if (frees > 0) {
        StackId id = stack < 0 ? StackId.UNKNOWN : RandomLane.stackId(stack);
        releasers.add(new FreedBy.Releaser(id, frees));
      }
    }
    releasers.sort(
        Comparator.comparingLong(FreedBy.Releaser::frees)
            .reversed()
            .thenComparing(FreedBy.Releaser::stackId));
    return new FreedBy(releasers, 0);
  }

  static StackKey stackKey(Tally.Key key) {
    return new StackKey(RandomLane.stackId(key.stack()), AddressSpace.ALL.get(key.space()));
  }

  private Ages ages(Tally.Key key, List<Tally.Block> chosen) {
    long[] released = IntStream.range(0, 49).mapToLong(i -> of(key, "lived " + i)).toArray();
    return new Ages(
        chosen.isEmpty() || !question.timed()
            ? null
            : (Long) chosen.stream().mapToLong(b -> b.time).min().getAsLong(),
        Histogram.of(released));
  }

  private long certain(Tally.Key key) {
    long certain = 0;
    for (ReferenceModel lane : lanes) {
      for (Tally.Block b : lane.owner.values().stream().distinct().toList()) {
        boolean selected = key == null || (key.equals(b.key) && isSelected(b));
        certain += selected && b.time > lane.doubtfulUntil && !lane.inPart ? b.left : 0;
      }
    }
    return certain;
  }

  private List<Tally.Block> selected(Tally.Key key) {
    return blocks().stream().filter(b -> b.key.equals(key) && isSelected(b)).toList();
  }

  private boolean isSelected(Tally.Block b) {
    return question.passes(b.size) && Math.max(0, moment - b.time) >= question.older();
  }

  private List<Tally.Block> blocks() {
    return lanes.stream().flatMap(lane -> lane.owner.values().stream().distinct()).toList();
  }

  private long total(String what) {
    return lanes.stream().mapToLong(lane -> lane.total.getOrDefault(what, 0L)).sum();
  }

  private long of(Tally.Key key, String what) {
    return lanes.stream()
        .mapToLong(lane -> lane.byStack.getOrDefault(key, Map.of()).getOrDefault(what, 0L))
        .sum();
  }
}
