package io.unfreed.streams.query;

import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.streams.explain.LaneSurvey;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.history.BlockHistory;
import io.unfreed.streams.history.LaneHistory;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneObserver;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.lane.StackNumbers;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockTally;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Who looks at single blocks of a run's lanes for its query, and what that comes to. Not
 * thread-safe.
 */
final class RunObservers {
  private final ReportQuery query;
  private final Map<LaneKey, Observed> observed = new LinkedHashMap<>();
  private final Map<String, Map<BlockKey, BlockNumbers>> chosen = new LinkedHashMap<>();
  private final Map<LaneKey, LaneSurvey> surveys = new LinkedHashMap<>();
  private final Map<LaneKey, LaneHistory> histories = new LinkedHashMap<>();
  private Function<LaneKey, LaneWatcher> watchers = lane -> null;
  private Survey survey;

  /** A lane of whose blocks some are asked for. */
  private record Observed(BlockTally tally, LaneBlocks blocks) {}

  /** What lets somebody observe a lane. */
  interface Observing {
    /** Null for a lane that was over before anybody looked. */
    LaneBlocks by(LaneObserver observer);
  }

  RunObservers(ReportQuery query) {
    this.query = query;
  }

  /** Lets others see the blocks of every lane, too; null for none. */
  void watch(Function<LaneKey, LaneWatcher> each) {
    watchers = each;
  }

  /** Lets whoever is to see a lane's blocks do so. */
  void observe(LaneKey key, Observing lane) {
    LaneWatcher watcher = watcher(key);
    BlockTally tally = query.blocks() == null ? null : new BlockTally(query.blocks());
    if (tally == null && watcher == null) {
      return;
    }
    LaneBlocks blocks =
        lane.by(
            tally == null ? watcher : watcher == null ? tally : new WatchedTally(tally, watcher));
    if (blocks == null) {
      return;
    }
    if (tally != null) {
      observed.put(key, new Observed(tally, blocks));
    }
    if (watcher != null) {
      watcher.sees(blocks);
    }
  }

  private LaneWatcher watcher(LaneKey key) {
    if (query.survey() != null && query.survey().incarnationKey().equals(key.incarnationKey())) {
      LaneSurvey lane = new LaneSurvey(query.survey());
      surveys.put(key, lane);
      return lane;
    }
    if (query.history() != null) {
      LaneHistory history = new LaneHistory(query.history());
      histories.put(key, history);
      return history;
    }
    return watchers.apply(key);
  }

  /** All that came before was not seen; where every block is asked for, it counts all the same. */
  void goOn(RunCheckpoint.LaneAt at) {
    if (!query.isOfAllBlocks()) {
      return;
    }
    Observed lane = observed.get(at.key());
    if (lane != null) {
      lane.tally().beganBehind(lane.blocks());
    } else if (at.end() != null) {
      Map<BlockKey, BlockNumbers> sums = chosenOf(at.key());
      for (StackNumbers stack : at.end().stacks()) {
        if (stack.counts().allocations() > 0) {
          sums.merge(
              new BlockKey(stack.key(), null, null),
              new BlockNumbers(stack.counts(), 0, 0, stack.ages().oldestTimeNanos()),
              BlockNumbers::plus);
        }
      }
    }
  }

  private Map<BlockKey, BlockNumbers> chosenOf(LaneKey key) {
    return chosen.computeIfAbsent(
        key.incarnationKey(), incarnation -> new TreeMap<>(BlockKey.ORDER));
  }

  /** Memory that is taken, roughly. */
  long heldBytes() {
    return observed.values().stream().mapToLong(lane -> lane.tally().heldBytes()).sum();
  }

  /**
   * No more comes.
   *
   * @param moments session time at which a lane's ages are judged
   * @param missingTails events that are known to be missing behind a lane's last batch
   * @param withFreeStacks the session has the stacks of releases
   */
  void finish(
      ToLongFunction<LaneKey> moments,
      ToLongFunction<LaneKey> missingTails,
      boolean withFreeStacks) {
    observed.forEach((key, lane) -> {
      Map<BlockKey, BlockNumbers> sums = chosenOf(key);
      lane.tally()
          .numbers(lane.blocks(), moments.applyAsLong(key), missingTails.applyAsLong(key))
          .forEach((kind, numbers) -> sums.merge(kind, numbers, BlockNumbers::plus));
    });
    List<Survey> all = new ArrayList<>();
    surveys.forEach(
        (key, lane) -> all.add(lane.survey(missingTails.applyAsLong(key), withFreeStacks)));
    survey = Survey.sum(all);
  }

  /** The blocks that are asked for, of an incarnation, by what they have in common. */
  Map<BlockKey, BlockNumbers> chosen(String incarnationKey) {
    return chosen.getOrDefault(incarnationKey, Map.of());
  }

  /** What became of an incarnation's blocks that are told one by one. */
  BlockHistory history(String incarnationKey) {
    return new BlockHistory(
        histories.entrySet().stream()
            .filter(entry -> entry.getKey().incarnationKey().equals(incarnationKey))
            .map(Map.Entry::getValue)
            .toList());
  }

  /** What was seen of the blocks that were to be looked at; null where there were none. */
  Survey survey() {
    return survey;
  }
}
