package io.unfreed.streams.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.explain.LaneSurvey;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.history.BlockHistory;
import io.unfreed.streams.history.LaneHistory;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.IncarnationState;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.BlockTally;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Runs ledgers over event batches in this process and answers one query: the same lanes and the
 * same merging as in the topology, so the numbers are the same. Not thread-safe.
 */
public final class LedgerRun {
  private final ReportQuery query;
  private final Map<LaneKey, LaneState> lanes = new LinkedHashMap<>();
  private final Map<String, IncarnationState> incarnations = new LinkedHashMap<>();
  private final List<IncarnationReport> reports = new ArrayList<>();
  private final Map<String, IncarnationReport> last = new LinkedHashMap<>();
  private final Map<LaneKey, Observed> observed = new LinkedHashMap<>();
  private final Map<String, Map<BlockKey, BlockNumbers>> chosen = new LinkedHashMap<>();
  private final Map<LaneKey, LaneSurvey> surveys = new LinkedHashMap<>();
  private final Map<LaneKey, LaneHistory> histories = new LinkedHashMap<>();
  private final Set<Mark> marks = new TreeSet<>(Mark.ORDER);
  private Function<LaneKey, LaneWatcher> watchers = lane -> null;
  private Survey survey;
  private Session session;
  private long lateBatches;
  private long repeatedBatches;
  private long strayBatches;

  private final IncarnationState.Listener listener =
      new IncarnationState.Listener() {
        @Override
        public void report(IncarnationReport report, String marker) {
          keep(report);
        }

        @Override
        public boolean wantsTicks() {
          return query.intervalNanos() != null;
        }
      };

  /** A lane of whose blocks some are asked for. */
  private record Observed(BlockTally tally, LaneBlocks blocks) {}

  /** A run that has seen nothing yet. */
  public LedgerRun(ReportQuery query) {
    this.query = query;
  }

  /** Takes the next batch of any lane; the cursor stands before its first event. */
  public void batch(EventCursor cursor) {
    if (cursor.header().isMarker()) {
      return;
    }
    LaneState lane = lane(cursor.header());
    if (lane == null) {
      strayBatches++;
      return;
    }
    switch (lane.accept(cursor)) {
      case APPLIED, MARKER -> {}
      case REPEATED -> repeatedBatches++;
      case LATE -> lateBatches++;
    }
  }

  /** Null for a lane that is beyond those that the incarnation's first batch announced. */
  private LaneState lane(BatchHeader header) {
    LaneKey key = header.key();
    LaneState known = lanes.get(key);
    if (known != null) {
      return known;
    }
    IncarnationState incarnation =
        incarnations.computeIfAbsent(
            key.incarnationKey(), k -> new IncarnationState(header.laneCount()));
    if (key.lane() >= incarnation.lanes().length) {
      return null;
    }
    LaneState lane =
        new LaneState(query.laneOptions(), statement -> incarnation.accept(statement, listener));
    lane.hearMarks((label, atNanos) -> marks.add(new Mark(key.incarnationKey(), label, atNanos)));
    observe(key, lane);
    lanes.put(key, lane);
    return lane;
  }

  private void observe(LaneKey key, LaneState lane) {
    LaneWatcher watcher = watcher(key);
    BlockTally tally = query.blocks() == null ? null : new BlockTally(query.blocks());
    if (tally == null && watcher == null) {
      return;
    }
    LaneBlocks blocks =
        lane.observe(
            tally == null ? watcher : watcher == null ? tally : new WatchedTally(tally, watcher));
    if (tally != null) {
      observed.put(key, new Observed(tally, blocks));
    }
    if (watcher != null) {
      watcher.sees(blocks);
    }
  }

  private LaneWatcher watcher(LaneKey key) {
    if (query.survey() != null && query.survey().incarnationKey().equals(key.incarnationKey())) {
      LaneSurvey survey = new LaneSurvey(query.survey());
      surveys.put(key, survey);
      return survey;
    }
    if (query.history() != null) {
      LaneHistory history = new LaneHistory(query.history());
      histories.put(key, history);
      return history;
    }
    return watchers.apply(key);
  }

  /**
   * Lets others see the blocks of every lane, too; to be called before the first batch.
   *
   * @param each makes the watcher of a lane; null for none
   */
  public void watch(Function<LaneKey, LaneWatcher> each) {
    watchers = each;
  }

  /**
   * Batches of lanes that are beyond those that the incarnation's first batch announced; they were
   * dropped, as the topology sends what such lanes state to the dead letters.
   */
  public long strayBatches() {
    return strayBatches;
  }

  /**
   * What is known of the session; with its end, lanes that miss their last batches are found. A
   * copy without the end does not open it again.
   */
  public void session(Session known) {
    if (session == null || known.getEnd() != null) {
      session = known;
    }
  }

  /** Batches that were dropped because they had been seen before. */
  public long repeatedBatches() {
    return repeatedBatches;
  }

  /** Batches that arrived after they had been counted as lost. */
  public long lateBatches() {
    return lateBatches;
  }

  /** Events that are missing between batches, over all lanes. */
  public long missingEvents() {
    return lanes.values().stream().mapToLong(LaneState::missingEvents).reduce(0, Sums::of);
  }

  /** Whether the first batches of a lane never came. */
  public boolean isHeadMissing() {
    return lanes.values().stream().anyMatch(LaneState::isHeadMissing);
  }

  /**
   * Whether the session is over and each of its lanes came from its beginning to its end. Batches
   * that its recorder lost in between do not matter: they come no more.
   */
  public boolean isWhole() {
    return !isHeadMissing() && session != null && MissingTails.none(session, extents());
  }

  /** Memory that the ledgers and tallies take, roughly. */
  public long heldBytes() {
    return lanes.values().stream().mapToLong(LaneState::heldBytes).sum()
        + observed.values().stream().mapToLong(lane -> lane.tally().heldBytes()).sum();
  }

  /** Sizes, over all lanes, that were cut because no address space holds them. */
  public long boundedSizes() {
    return lanes.values().stream().mapToLong(LaneState::boundedSizes).sum();
  }

  /** Events, over all lanes, of kinds that a later version added; each was stepped over. */
  public long unknownEvents() {
    return lanes.values().stream().mapToLong(LaneState::unknownEvents).sum();
  }

  /**
   * Ends the input: incarnations that are still open are answered at their last event, or at the
   * asked moment.
   *
   * @return reports by time, then tgid, then start time
   */
  public List<IncarnationReport> finish() {
    Map<String, Long> moments = new HashMap<>();
    lanes.forEach((key, lane) -> moments.merge(key.incarnationKey(), moment(lane), Math::max));
    Map<LaneKey, Long> missingTails = missingTails();
    observed.forEach((key, lane) -> {
      long tail = lanes.get(key).ended() ? 0 : missingTails.getOrDefault(key, 0L);
      Map<BlockKey, BlockNumbers> sums =
          chosen.computeIfAbsent(
              key.incarnationKey(), incarnation -> new TreeMap<>(BlockKey.ORDER));
      lane.tally()
          .numbers(lane.blocks(), moments.get(key.incarnationKey()), tail)
          .forEach((kind, numbers) -> sums.merge(kind, numbers, BlockNumbers::plus));
    });
    survey =
        Survey.sum(
            surveys.entrySet().stream()
                .map(e ->
                    e.getValue()
                        .survey(
                            lanes.get(e.getKey()).ended()
                                ? 0
                                : missingTails.getOrDefault(e.getKey(), 0L),
                            session != null && session.getFreeStacks()))
                .toList());
    lanes.forEach((key, lane) -> {
      if (!lane.ended() || query.olderNanos() > 0) {
        lane.stateAt(moments.get(key.incarnationKey()), missingTails.getOrDefault(key, 0L));
      }
    });
    incarnations.values().stream()
        .filter(incarnation -> !incarnation.isOver())
        .forEach(incarnation -> incarnation.answerNow(null, listener));
    List<IncarnationReport> all = new ArrayList<>(reports);
    for (IncarnationReport report : last.values()) {
      all.add(query.atNanos() == null ? report : report.asFinal(false));
    }
    all.sort(ORDER);
    return all;
  }

  /** Which blocks are asked for; null for none. */
  public BlockQuestion question() {
    return query.blocks();
  }

  /** The blocks that are asked for, of an incarnation, by what they have in common. */
  public Map<BlockKey, BlockNumbers> chosen(IncarnationReport report) {
    return chosen.getOrDefault(
        LaneKey.incarnationKey(report.session(), report.incarnation()), Map.of());
  }

  /** What became of an incarnation's blocks that are told one by one. */
  public BlockHistory history(IncarnationReport report) {
    String key = LaneKey.incarnationKey(report.session(), report.incarnation());
    return new BlockHistory(
        histories.entrySet().stream()
            .filter(entry -> entry.getKey().incarnationKey().equals(key))
            .map(Map.Entry::getValue)
            .toList());
  }

  /** What was seen of the blocks that were to be looked at; null where there were none. */
  public Survey survey() {
    return survey;
  }

  /** Named moments of all incarnations, those behind the asked moment left out. */
  public Collection<Mark> marks() {
    return marks;
  }

  /** A lane that went on behind the asked moment misses nothing that concerns it. */
  private Map<LaneKey, Long> missingTails() {
    return session == null ? Map.of() : MissingTails.of(session, extents());
  }

  private List<MissingTails.Extent> extents() {
    List<MissingTails.Extent> extents = new ArrayList<>();
    lanes.forEach((key, lane) ->
        extents.add(new MissingTails.Extent(key, lane.events(), lane.ended() || lane.stopped())));
    return extents;
  }

  private long moment(LaneState lane) {
    return lane.stopped() ? query.atNanos() : lane.eventNanos();
  }

  private void keep(IncarnationReport report) {
    if (report.tick() != null) {
      reports.add(report);
    } else {
      last.put(LaneKey.incarnationKey(report.session(), report.incarnation()), report);
    }
  }

  /** By report time, then tgid, then start time, then incarnation; ticks before final reports. */
  public static final Comparator<IncarnationReport> ORDER =
      Comparator.comparing(
              IncarnationReport::atNanos, Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(
              r -> r.process().getTgid(), Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(
              r -> r.process().getStartEpochNanos(),
              Comparator.nullsFirst(Comparator.naturalOrder()))
          .thenComparing(IncarnationReport::incarnation)
          .thenComparing(IncarnationReport::isFinal);
}
