package io.unfreed.streams.explain;

import io.unfreed.schemas.stack.StackId;
import io.unfreed.streams.explain.Survey.Tally;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.ledger.Sums;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks at the blocks of some stacks of a lane as they come and go. Its memory follows the kinds of
 * blocks, not their number. Not thread-safe.
 */
public final class LaneSurvey implements LaneWatcher {
  /** So many sizes and threads are told apart; further ones are left out. */
  private static final int KINDS = 4096;

  private static final class Count {
    private long born;
    private long stay;
  }

  private final SurveyQuestion question;
  private final long slotNanos;
  private final Map<Integer, Boolean> entries = new HashMap<>();
  private final long[] born = new long[Survey.SLOTS];
  private final long[] freedAges = new long[AgeBins.COUNT];
  private final long[] closedAges = new long[AgeBins.COUNT];
  private final Map<Long, Count> sizes = new HashMap<>();
  private final Map<Long, Count> threads = new HashMap<>();
  private final Map<Integer, Long> freedBy = new HashMap<>();
  private final long[] bornTimes = new long[Survey.TIMES];
  private int times;
  private long bornCount;
  private long bornBytes;
  private long freed;
  private LaneBlocks blocks;

  /** A survey of a lane of which nothing has come yet. */
  public LaneSurvey(SurveyQuestion question) {
    this.question = question;
    this.slotNanos = Math.max(1, Math.ceilDiv(question.spanNanos() + 1, Survey.SLOTS));
  }

  @Override
  public void sees(LaneBlocks lane) {
    blocks = lane;
  }

  @Override
  public boolean event(long eventNanos) {
    return true;
  }

  @Override
  public void opened(Block block) {
    if (!isAsked(block)) {
      return;
    }
    born[slot(block)]++;
    bornCount++;
    bornBytes = Sums.of(bornBytes, block.sizeBytes());
    count(sizes, block.sizeBytes()).born++;
    count(threads, block.tid()).born++;
    if (times < bornTimes.length) {
      bornTimes[times++] = block.timeNanos();
    }
  }

  @Override
  public void shrunk(Block left, long bytes) {}

  @Override
  public void closed(Block block, Why why, int releaser, long timeNanos) {
    if (!isAsked(block)) {
      return;
    }
    int age = AgeBins.of(timeNanos - block.timeNanos());
    if (why == Why.FREED) {
      freedAges[age]++;
      freed++;
      freedBy.merge(releaser, 1L, Long::sum);
    } else {
      closedAges[age]++;
    }
  }

  /**
   * What was seen as of the last event.
   *
   * @param hasReleasers whether the recording tells who frees
   */
  public Survey survey(long missingTail, boolean hasReleasers) {
    long[] stay = new long[Survey.SLOTS];
    long[] ages = closedAges.clone();
    long[] stayTimes = new long[Survey.TIMES];
    long[] live = new long[2];
    sizes.values().forEach(count -> count.stay = 0);
    threads.values().forEach(count -> count.stay = 0);
    blocks.forEachLive(
        missingTail,
        (block, certain) -> {
          if (isAsked(block)) {
            stay[slot(block)]++;
            ages[AgeBins.of(question.spanNanos() - block.timeNanos())]++;
            count(sizes, block.sizeBytes()).stay++;
            count(threads, block.tid()).stay++;
            if (live[0] < stayTimes.length) {
              stayTimes[(int) live[0]] = block.timeNanos();
            }
            live[0]++;
            live[1] = Sums.of(live[1], block.leftBytes());
          }
        });
    return new Survey(
        slotNanos,
        born.clone(),
        stay,
        freedAges.clone(),
        ages,
        new Survey.Sums(bornCount, bornBytes, freed, live[0], live[1]),
        tallies(sizes),
        tallies(threads),
        hasReleasers ? releasers() : null,
        sorted(bornTimes, times),
        sorted(stayTimes, (int) Math.min(live[0], stayTimes.length)));
  }

  private Map<StackId, Long> releasers() {
    Map<StackId, Long> byStack = new TreeMap<>();
    freedBy.forEach((number, frees) -> byStack.merge(blocks.releaser(number), frees, Long::sum));
    return byStack;
  }

  private boolean isAsked(Block block) {
    return entries.computeIfAbsent(
        block.entry(), entry -> question.stacks().contains(blocks.stack(entry)));
  }

  /** A stamp may lie behind the moment asked about, or before the session. */
  private int slot(Block block) {
    return (int) Math.clamp(block.timeNanos() / slotNanos, 0L, Survey.SLOTS - 1L);
  }

  private static Count count(Map<Long, Count> counts, long kind) {
    Count known = counts.get(kind);
    if (known == null) {
      known = new Count();
      if (counts.size() < KINDS) {
        counts.put(kind, known);
      }
    }
    return known;
  }

  private static Map<Long, Tally> tallies(Map<Long, Count> counts) {
    Map<Long, Tally> tallies = new TreeMap<>();
    counts.forEach((kind, count) -> tallies.put(kind, new Tally(count.born, count.stay)));
    return tallies;
  }

  private static long[] sorted(long[] all, int length) {
    long[] sorted = Arrays.copyOf(all, length);
    Arrays.sort(sorted);
    return sorted;
  }
}
