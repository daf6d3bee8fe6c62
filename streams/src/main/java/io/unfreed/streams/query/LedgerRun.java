package io.unfreed.streams.query;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.streams.explain.Survey;
import io.unfreed.streams.history.BlockHistory;
import io.unfreed.streams.lane.LaneState;
import io.unfreed.streams.lane.LaneStatement;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.report.IncarnationState;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import io.unfreed.streams.window.BlockKey;
import io.unfreed.streams.window.BlockNumbers;
import io.unfreed.streams.window.BlockQuestion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
  private final KeptReports reports;
  private final Map<String, IncarnationReport> last = new LinkedHashMap<>();
  private final RunObservers observers;

  /** What lanes stated at their ends. */
  private final Map<LaneKey, LaneStatement> ends = new HashMap<>();

  private final Set<Mark> marks = new TreeSet<>(Mark.ORDER);
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

  /** A run that has seen nothing yet. */
  public LedgerRun(ReportQuery query) {
    this(query, ReportBudget.inHalfOfTheHeap());
  }

  /** The same, of whose reports of intervals and those of others there is a bound. */
  public LedgerRun(ReportQuery query, ReportBudget budget) {
    this.query = query;
    reports = new KeptReports(budget);
    observers = new RunObservers(query);
  }

  /**
   * Takes the next batch of any lane; the cursor stands before its first event.
   *
   * @throws TooManyReportsException when there is no room for those of all intervals
   */
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
    IncarnationState incarnation = incarnation(key, header.laneCount());
    if (key.lane() >= incarnation.lanes().length) {
      return null;
    }
    LaneState lane = newLane(key, incarnation);
    observers.observe(key, lane::observe);
    return lane;
  }

  private IncarnationState incarnation(LaneKey key, int laneCount) {
    return incarnations.computeIfAbsent(key.incarnationKey(), k -> new IncarnationState(laneCount));
  }

  private LaneState newLane(LaneKey key, IncarnationState incarnation) {
    LaneState lane =
        new LaneState(
            query.laneOptions(),
            statement -> {
              if (statement.occasion() == LaneStatement.Occasion.FINAL) {
                ends.put(key, statement);
              }
              incarnation.accept(statement, listener);
            });
    lane.hearMarks((label, atNanos) -> marks.add(new Mark(key.incarnationKey(), label, atNanos)));
    lanes.put(key, lane);
    return lane;
  }

  /**
   * Lets others see the blocks of every lane, too; to be called before the first batch.
   *
   * @param each makes the watcher of a lane; null for none
   */
  public void watch(Function<LaneKey, LaneWatcher> each) {
    observers.watch(each);
  }

  /** What all lanes have come to; between two batches. */
  public RunCheckpoint checkpoint() {
    SnapshotOut out = new SnapshotOut();
    List<RunCheckpoint.LaneAt> all = new ArrayList<>();
    long reachedNanos = Long.MIN_VALUE;
    for (Map.Entry<LaneKey, LaneState> one : lanes.entrySet()) {
      LaneKey key = one.getKey();
      one.getValue().snapshotTo(out);
      int laneCount = incarnations.get(key.incarnationKey()).lanes().length;
      all.add(new RunCheckpoint.LaneAt(key, laneCount, ends.get(key)));
      reachedNanos = Math.max(reachedNanos, one.getValue().eventNanos());
    }
    return new RunCheckpoint(List.copyOf(all), List.copyOf(marks), out.finish(), reachedNanos);
  }

  /**
   * Goes on where a run of the same events was that watched them from their beginning; before the
   * first batch, and only where that {@link RunCheckpoint#isEnoughFor is enough}.
   */
  public void goOn(RunCheckpoint from) {
    SnapshotIn in = new SnapshotIn(from.columns());
    marks.addAll(from.marks());
    for (RunCheckpoint.LaneAt at : from.lanes()) {
      IncarnationState incarnation = incarnation(at.key(), at.laneCount());
      LaneState lane = newLane(at.key(), incarnation);
      lane.restoreFrom(in);
      observers.observe(at.key(), observer -> lane.observeOn(observer, query.isOfAllBlocks()));
      if (at.end() != null) {
        ends.put(at.key(), at.end());
        incarnation.accept(at.end(), listener);
      }
      observers.goOn(at);
    }
  }

  /** The last headers of the lanes, in which they say what is known of their processes. */
  public Map<LaneKey, BatchHeader> lastHeaders() {
    Map<LaneKey, BatchHeader> headers = new HashMap<>();
    lanes.forEach((key, lane) -> headers.put(key, lane.lastHeader()));
    return headers;
  }

  /** Whether these lanes are all there, and none of them takes more events. */
  public boolean isAnswered(Set<LaneKey> all) {
    for (LaneKey key : all) {
      LaneState lane = lanes.get(key);
      if (lane == null || !(lane.ended() || lane.stopped())) {
        return false;
      }
    }
    return true;
  }

  /** Batches behind the asked moment were not given; these would have been the last ones. */
  public void passOver(Map<LaneKey, BatchHeader> lastHeaders) {
    lastHeaders.forEach((key, header) -> {
      LaneState lane = lanes.get(key);
      if (lane != null) {
        lane.passOver(header);
      }
    });
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

  /** Events of processes of which nothing arrived, as far as the asked moment does not hide it. */
  public long untoldEvents() {
    boolean isAll = session != null && lanes.values().stream().noneMatch(LaneState::stopped);
    return isAll ? MissingTails.untold(session, extents()) : 0;
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

  /** Memory that the ledgers, tallies and reports of intervals take, roughly. */
  public long heldBytes() {
    return lanes.values().stream().mapToLong(LaneState::heldBytes).sum()
        + observers.heldBytes()
        + reports.heldBytes();
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
    observers.finish(
        key -> moments.get(key.incarnationKey()),
        key -> lanes.get(key).ended() ? 0 : missingTails.getOrDefault(key, 0L),
        session != null && session.getFreeStacks());
    lanes.forEach((key, lane) -> {
      if (!lane.ended() || query.olderNanos() > 0) {
        lane.stateAt(moments.get(key.incarnationKey()), missingTails.getOrDefault(key, 0L));
      }
    });
    incarnations.values().stream()
        .filter(incarnation -> !incarnation.isOver())
        .forEach(incarnation -> incarnation.answerNow(null, listener));
    List<IncarnationReport> all = reports.all();
    for (IncarnationReport report : last.values()) {
      all.add(query.atNanos() == null ? report : report.asFinal(false));
    }
    all.sort(ORDER);
    return all;
  }

  /** Another takes its place: there is room again for as many reports as it has kept. */
  public void discard() {
    reports.clear();
  }

  /** Which blocks are asked for; null for none. */
  public BlockQuestion question() {
    return query.blocks();
  }

  /** The blocks that are asked for, of an incarnation, by what they have in common. */
  public Map<BlockKey, BlockNumbers> chosen(IncarnationReport report) {
    return observers.chosen(incarnationKey(report));
  }

  /** What became of an incarnation's blocks that are told one by one. */
  public BlockHistory history(IncarnationReport report) {
    return observers.history(incarnationKey(report));
  }

  /** What was seen of the blocks that were to be looked at; null where there were none. */
  public Survey survey() {
    return observers.survey();
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
      last.put(incarnationKey(report), report);
    }
  }

  private static String incarnationKey(IncarnationReport report) {
    return LaneKey.incarnationKey(report.session(), report.incarnation());
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
