package io.unfreed.streams.report;

import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.LaneStatement.Occasion;
import io.unfreed.streams.lane.StackKey;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.lane.TotalsNumbers;
import io.unfreed.streams.verdict.Judge;
import io.unfreed.streams.verdict.Starting;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Merges the statements of an incarnation's lanes into reports. Tick k is published when every lane
 * passed it; which ticks are published depends on the statements only, not on the order in which
 * those of different lanes arrive. A marker is answered from all that was stated so far and changes
 * nothing that is published later.
 *
 * <p>Not thread-safe. What must survive a restart is read with {@link #stack}, {@link #lanes} and
 * {@link #publishedTick} and given back to the constructor.
 */
public final class IncarnationState {
  /** Receives reports; the marker is the token that asked, null for ticks and finals. */
  public interface Listener {
    void report(IncarnationReport report, String marker);

    /**
     * Takes that a tick passed in which nothing changed; the stacks are those of an earlier report.
     *
     * @param bare the report of the tick, without its stacks
     * @param sameAsTick the tick whose report had the same stacks
     * @return false when the whole report is wanted
     */
    default boolean unchanged(IncarnationReport bare, long sameAsTick) {
      return false;
    }

    /** Whether reports of ticks are wanted at all: judging thousands of stacks at each costs. */
    default boolean wantsTicks() {
      return true;
    }
  }

  private final Map<StackKey, MergedStack> stacks;
  private final LaneProgress[] lanes;
  private final MergedLanes merged;
  private final Set<StackKey> touched = new HashSet<>();

  /** Boundaries that lanes have stated and that are not published, with their moments. */
  private final TreeMap<Long, Long> dueTicks = new TreeMap<>();

  private long publishedTick;
  private boolean hasForgotten;

  /** Of the final report; null before it. */
  private Judge.Case finalCase;

  /** The same. */
  private Starting finalStarting = Starting.NO;

  /** Something was applied since the last tick that is not as before. */
  private boolean hasChanged = true;

  /** Nothing had changed in the last tick either, so that no judgement of it does. */
  private boolean wasQuiet;

  /** The last tick that was reported with its stacks; 0 before the first. */
  private long wholeTick;

  /** An incarnation before its first statement. */
  public IncarnationState(int laneCount) {
    this(newLanes(laneCount), new HashMap<>(), 0);
  }

  /** Restores an incarnation. */
  public IncarnationState(
      LaneProgress[] lanes, Map<StackKey, MergedStack> stacks, long publishedTick) {
    this.lanes = lanes;
    this.stacks = stacks;
    this.merged = new MergedLanes(lanes, stacks);
    this.publishedTick = publishedTick;
    for (LaneProgress lane : lanes) {
      if (lane.last() != null) {
        noteTick(lane.last());
      }
      lane.ahead().values().forEach(this::noteTick);
    }
  }

  /** Takes the next statement of a lane. */
  public void accept(LaneStatement statement, Listener out) {
    int lane = statement.key().lane();
    if (lane >= lanes.length) {
      throw new IllegalArgumentException(
          "lane " + lane + " of an incarnation with " + lanes.length + " lanes");
    }
    lanes[lane].add(statement);
    noteTick(statement);
    publishTicks(out);
    switch (statement.occasion()) {
      case TICK -> {}
      case FINAL -> publishFinal(out);
      case MARKER -> answer(statement.marker(), out);
    }
    if (hasForgotten) {
      stacks.values().removeIf(MergedStack::isForgotten);
      hasForgotten = false;
    }
  }

  /** Stacks whose merged state changed since the last call. */
  public Set<StackKey> takeTouched() {
    Set<StackKey> taken = Set.copyOf(touched);
    touched.clear();
    return taken;
  }

  /** One stack as of the last published tick; null when it is forgotten. */
  public MergedStack stack(StackKey key) {
    return stacks.get(key);
  }

  /** The published numbers of one stack, judged when all is over; null when it is forgotten. */
  public StackNumbers numbers(StackKey key) {
    MergedStack stack = stacks.get(key);
    if (stack == null) {
      return null;
    }
    StackNumbers sum = stack.sum();
    StackNumbers judged = MergedLanes.judged(sum, sum.outstandingCount() > 0 ? finalCase : null);
    return judged.withVerdict(finalStarting.seen(judged.verdict(), judged.accumulation()), null);
  }

  /** Stacks that are known. */
  public int stackCount() {
    return stacks.size();
  }

  /** Whether every lane has ended; nothing is published any more but answers. */
  public boolean isOver() {
    return Arrays.stream(lanes).allMatch(lane -> lane.ended() && lane.ahead().isEmpty());
  }

  /** Where each lane stands. */
  public LaneProgress[] lanes() {
    return lanes;
  }

  /** The last published boundary, 0 before the first. */
  public long publishedTick() {
    return publishedTick;
  }

  /**
   * Notes a statement of a boundary, the last applied one included: a lane that passes several at
   * once states only the last, which is still to be published when another lane made an earlier one
   * due.
   */
  private void noteTick(LaneStatement statement) {
    if (statement.occasion() == Occasion.TICK && statement.lastTick() > publishedTick) {
      dueTicks.put(statement.lastTick(), statement.atNanos());
    }
  }

  private void publishTicks(Listener out) {
    long frontier = Long.MAX_VALUE;
    for (LaneProgress lane : lanes) {
      frontier = Math.min(frontier, lane.coveredTick());
    }
    while (!dueTicks.isEmpty() && dueTicks.firstKey() <= frontier) {
      Map.Entry<Long, Long> due = dueTicks.pollFirstEntry();
      publishTick(due.getKey(), due.getValue(), out);
    }
  }

  private void publishTick(long tick, Long atNanos, Listener out) {
    for (LaneProgress lane : lanes) {
      for (LaneStatement statement : lane.takeUpTo(tick)) {
        apply(lane, statement);
      }
    }
    publishedTick = tick;
    TotalsNumbers totals = merged.totals();
    if (totals != null && !totals.isNothing() && out.wantsTicks()) {
      publish(totals, atNanos, tick, out);
    }
    wasQuiet = !hasChanged;
    hasChanged = false;
  }

  private void publish(TotalsNumbers totals, Long atNanos, long tick, Listener out) {
    if (!hasChanged && wasQuiet && wholeTick > 0) {
      IncarnationReport bare = merged.bare(totals, atNanos, tick);
      if (out.unchanged(bare, wholeTick)) {
        return;
      }
    }
    out.report(merged.report(totals, atNanos, tick, false), null);
    wholeTick = tick;
  }

  private void publishFinal(Listener out) {
    for (LaneProgress lane : lanes) {
      if (!lane.isFinal()) {
        return;
      }
    }
    for (LaneProgress lane : lanes) {
      for (LaneStatement statement : lane.takeAll()) {
        apply(lane, statement);
      }
    }
    TotalsNumbers totals = merged.totals();
    IncarnationReport report = merged.report(totals, merged.latest(), null, true);
    finalCase = MergedLanes.caseOf(totals, report.atNanos(), report.stacks().size());
    finalStarting = MergedLanes.starting(report.stacks(), finalCase);
    report.stacks().stream()
        .filter(stack -> stack.verdict() != null)
        .forEach(stack -> touched.add(stack.key()));
    out.report(report, null);
  }

  /** Answers a marker when every lane has met it. */
  private void answer(String marker, Listener out) {
    for (LaneProgress lane : lanes) {
      if (!lane.hasMet(marker)) {
        return;
      }
    }
    answerNow(marker, out);
  }

  /** Answers from what was stated so far, also when lanes have said nothing; for queries. */
  public void answerNow(String marker, Listener out) {
    boolean isFinal = true;
    Map<StackKey, MergedStack> overlaid = new HashMap<>(stacks);
    LaneProgress[] now = new LaneProgress[lanes.length];
    for (int i = 0; i < lanes.length; i++) {
      now[i] = lanes[i].copy();
      for (LaneStatement statement : now[i].takeAll()) {
        overlay(overlaid, i, statement);
      }
      isFinal &= now[i].ended();
      lanes[i].answered(marker);
    }
    MergedLanes answered = new MergedLanes(now, overlaid);
    TotalsNumbers totals = answered.totals();
    if (totals != null) {
      out.report(answered.report(totals, answered.latest(), null, isFinal), marker);
    }
  }

  /** Every stack as {@link #answerNow} counts it, also those without outstanding blocks. */
  public List<StackNumbers> stacksNow() {
    Map<StackKey, MergedStack> overlaid = new HashMap<>(stacks);
    for (int i = 0; i < lanes.length; i++) {
      for (LaneStatement statement : lanes[i].copy().takeAll()) {
        overlay(overlaid, i, statement);
      }
    }
    return overlaid.values().stream().map(MergedStack::sum).filter(Objects::nonNull).toList();
  }

  private void apply(LaneProgress lane, LaneStatement statement) {
    for (StackKey key : forgottenBy(statement, stacks)) {
      MergedStack stack = stacks.get(key);
      stack.forget(statement.key().lane());
      touched.add(key);
      hasForgotten = true;
    }
    for (StackNumbers numbers : statement.stacks()) {
      MergedStack stack =
          stacks.computeIfAbsent(numbers.key(), key -> new MergedStack(lanes.length));
      stack.put(statement.key().lane(), numbers);
      touched.add(numbers.key());
    }
    hasChanged |= hasForgotten || !statement.stacks().isEmpty() || isNews(lane.last(), statement);
    lane.applied(statement);
  }

  /** Whether a statement says something of its lane that the one before did not. */
  private static boolean isNews(LaneStatement before, LaneStatement statement) {
    return statement.totals() != null
        && (before == null
            || !before.totals().equals(statement.totals())
            || !before.lane().equals(statement.lane()));
  }

  private void overlay(Map<StackKey, MergedStack> overlaid, int lane, LaneStatement statement) {
    for (StackKey key : forgottenBy(statement, overlaid)) {
      MergedStack stack = overlaid.get(key).copy();
      stack.forget(lane);
      overlaid.put(key, stack);
    }
    for (StackNumbers numbers : statement.stacks()) {
      MergedStack known = overlaid.get(numbers.key());
      MergedStack stack = known == null ? new MergedStack(lanes.length) : known.copy();
      stack.put(lane, numbers);
      overlaid.put(numbers.key(), stack);
    }
  }

  /**
   * What the lane had stated and knows no more. Scenario, pinned by BehindRetentionTest: a service
   * restarts when the log has lost the lane's first batches, and with them a stack whose blocks it
   * had stated as outstanding; the lane's next statement is complete and does not mention it.
   */
  private static Set<StackKey> forgottenBy(
      LaneStatement statement, Map<StackKey, MergedStack> known) {
    if (!statement.isComplete()) {
      return Set.of();
    }
    Set<StackKey> forgotten = new HashSet<>();
    int lane = statement.key().lane();
    known.forEach((key, stack) -> {
      if (stack.isStatedBy(lane)) {
        forgotten.add(key);
      }
    });
    statement.stacks().forEach(stated -> forgotten.remove(stated.key()));
    return forgotten;
  }

  private static LaneProgress[] newLanes(int laneCount) {
    LaneProgress[] lanes = new LaneProgress[laneCount];
    for (int i = 0; i < laneCount; i++) {
      lanes[i] = new LaneProgress();
    }
    return lanes;
  }
}
