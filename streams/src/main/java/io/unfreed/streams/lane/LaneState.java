package io.unfreed.streams.lane;

import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.lane.LaneStatement.Occasion;
import io.unfreed.streams.snapshot.SnapshotIn;
import io.unfreed.streams.snapshot.SnapshotOut;
import io.unfreed.streams.snapshot.UnreadableSnapshotException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * One lane as its batches arrive: drops repeats by sequence number, counts a gap as loss with its
 * exact number of events, feeds the ledger, and states what is outstanding at every tick, at the
 * end and when a marker asks. Its state depends on the batches only, so feeding them again restores
 * it.
 *
 * <p>Scenario of a gap, pinned by a test: batches 0 (events 0 to 9) and 2 (first ordinal 25)
 * arrive: 15 events are lost, in the window from the last event of batch 0 to the first of batch 2;
 * batch 1, should it arrive late, stays lost. The loss takes effect at the beginning of its window:
 * before any tick that the first later event passes.
 *
 * <p>Not thread-safe.
 */
public final class LaneState {
  /** The first held no ticks back. */
  private static final int SNAPSHOT_VERSION = 2;

  /** What became of a batch. */
  public enum Outcome {
    /** Its events were applied. */
    APPLIED,
    /** It had been applied before and was dropped. */
    REPEATED,
    /** It had been counted as lost before, stays lost, and was dropped. */
    LATE,
    /** It asked for a statement and changed nothing. */
    MARKER
  }

  private final LaneOptions options;
  private final LaneStatement.Listener listener;
  private final LaneBudget budget;
  private final SequenceTracker sequences = new SequenceTracker();
  private LaneLife life;
  private BatchHeader lastHeader;
  private long eventNanos;
  private long boundedSizes;
  private long unknownEvents;

  /** Null when nobody asks about single blocks. */
  private LaneObserver observer;

  private MarkListener marks = (label, atNanos) -> {};
  private final LaneTicks ticks;

  /** No event has come since the last gap: its window goes on. */
  private boolean gapIsOpen;

  /** A lane before its first batch. */
  public LaneState(LaneOptions options, LaneStatement.Listener listener) {
    this(options, listener, LaneBudget.unlimited());
  }

  /** The same with a share of a budget. */
  public LaneState(LaneOptions options, LaneStatement.Listener listener, LaneBudget budget) {
    this.options = options;
    this.listener = listener;
    this.budget = budget;
    this.life = new LaneLife.Waiting(new LaneLedger(options, budget));
    this.ticks =
        new LaneTicks(
            options.statesTicks(),
            (first, last, momentNanos) -> state(Occasion.TICK, first, last, momentNanos, null));
  }

  /**
   * Whether the lane's blocks became more than its share of the memory: what was counted until then
   * stays, everything behind it counts as lost, and nothing is certain.
   */
  public boolean hasGivenUp() {
    return life.ledger() != null && life.ledger().hasGivenUp();
  }

  /** The lane is not fed any more: its share of the budget is free. */
  public void release() {
    if (life.ledger() != null) {
      life.ledger().release();
    }
  }

  /** Tells of every block from now on; to be called before the first batch. */
  public LaneBlocks observe(LaneObserver told) {
    observer = told;
    return life.ledger().observe(told);
  }

  /**
   * Tells of every block from now on that a restored lane has; an ended one has none.
   *
   * @param areAsked whether the blocks that are outstanding now are asked for
   * @return null for an ended lane
   */
  public LaneBlocks observeOn(LaneObserver told, boolean areAsked) {
    if (life.ledger() == null) {
      return null;
    }
    life.ledger().blocksAreAsked(areAsked);
    return observe(told);
  }

  /** Tells of every mark from now on. */
  public void hearMarks(MarkListener listener) {
    marks = listener;
  }

  /**
   * From now on ticks in which nothing changed are stated together, a minute of session time later
   * at the most, whenever there are many lanes: see {@link QuietTicks}.
   */
  public void holdBackQuietTicks(BooleanSupplier areMany) {
    ticks.holdBackIf(areMany);
  }

  /** Takes the next batch; the cursor stands before its first event. */
  public Outcome accept(EventCursor cursor) {
    BatchHeader header = cursor.header();
    if (lastHeader == null) {
      ticks.every(
          options.tickNanos() != null && header.tickNanos() > 0
              ? options.tickNanos()
              : header.tickNanos());
    }
    if (header.isMarker()) {
      lastHeader = lastHeader == null ? header : lastHeader;
      long missing = Math.max(0, header.firstOrdinal() - sequences.events());
      stateAsked(eventNanos, missing, header.marker());
      return Outcome.MARKER;
    }
    SequenceTracker.Verdict verdict = sequences.accept(header, cursor.eventCount());
    if (verdict != SequenceTracker.Verdict.NEXT) {
      return verdict == SequenceTracker.Verdict.LATE ? Outcome.LATE : Outcome.REPEATED;
    }
    if (saysOnlyTheTime(header, cursor)) {
      ticks.silence();
    } else {
      ticks.endSilence();
    }
    lastHeader = header;
    apply(cursor);
    return Outcome.APPLIED;
  }

  /** True when the process or the session is over; later events of the lane change nothing. */
  public boolean ended() {
    return life instanceof LaneLife.Ended;
  }

  /** Whether events behind the asked moment were left out. */
  public boolean stopped() {
    return life instanceof LaneLife.Stopped;
  }

  /** Header of the last batch; null before the first. */
  public BatchHeader lastHeader() {
    return lastHeader;
  }

  /**
   * A lane that stopped at the asked moment is not given the batches behind it. What its statement
   * says of the process is what the last of them says.
   */
  public void passOver(BatchHeader last) {
    if (stopped()) {
      lastHeader = last;
    }
  }

  /** Session time of the last event, the running maximum. */
  public long eventNanos() {
    return eventNanos;
  }

  /** Events of this lane that never arrived. */
  public long missingEvents() {
    return sequences.missingEvents();
  }

  /** Whether the lane's first batches never arrived. */
  public boolean isHeadMissing() {
    return sequences.isHeadMissing();
  }

  /** Sizes of this lane that were cut because no address space holds them. */
  public long boundedSizes() {
    return boundedSizes;
  }

  /** Events of this lane of kinds that a later version added; each was stepped over. */
  public long unknownEvents() {
    return unknownEvents;
  }

  /**
   * The lane was restored from the batches that are retained, and nobody heard what it stated
   * meanwhile. When its first batches are retained no more, more had been stated than is known now,
   * so that the next statement lists every stack: what it does not mention is forgotten.
   *
   * @param isBehind batches are missing behind those that were applied before
   */
  public void restored(boolean isBehind) {
    if (life.ledger() != null && (isBehind || sequences.isHeadMissing())) {
      life.ledger().books().stateAll();
    }
  }

  /** Gives back what the lane needs only while batches come; another one may come all the same. */
  public void rest() {
    if (life.ledger() != null) {
      life.ledger().rest();
    }
  }

  /** Memory that the lane's ledger takes, roughly. */
  public long heldBytes() {
    return books() == null ? 0 : books().heldBytes();
  }

  /** What the lane's events amount to; null when it is over. */
  LaneBooks books() {
    return life.ledger() == null ? null : life.ledger().books();
  }

  /** Events of this lane up to its last batch, missing ones between batches included. */
  public long events() {
    return sequences.events();
  }

  /** States what is outstanding at a moment, as a marker would; for queries. */
  public void stateAt(long momentNanos) {
    stateAt(momentNanos, 0);
  }

  /** The same, when so many events are known to be missing behind the last batch. */
  public void stateAt(long momentNanos, long missingTail) {
    stateAsked(momentNanos, missingTail, null);
  }

  /** The missing events are forgotten again: they may come after all. */
  private void stateAsked(long momentNanos, long missingTail, String marker) {
    ticks.endSilence();
    if (missingTail == 0 || !isLive()) {
      state(Occasion.MARKER, 0, 0, momentNanos, marker);
      return;
    }
    life.ledger().missingTail(missingTail);
    state(Occasion.MARKER, 0, 0, momentNanos, marker);
    life.ledger().missingTail(0);
  }

  /**
   * Whether the lane can be asked again after its end: ages are judged at the moment of the report,
   * which another lane may move.
   */
  private boolean isStatedAgain() {
    return options.olderNanos() > 0 && lastHeader.laneCount() > 1;
  }

  private boolean isLive() {
    return life instanceof LaneLife.Live;
  }

  private boolean saysOnlyTheTime(BatchHeader header, EventCursor cursor) {
    return cursor.eventCount() == 0
        && sequences.lastGapEvents() == 0
        && !gapIsOpen
        && QuietTicks.isSilent(lastHeader, header);
  }

  private void apply(EventCursor cursor) {
    gapIsOpen |= sequences.lastGapEvents() > 0;
    if (!isLive()) {
      return;
    }
    LaneLedger ledger = life.ledger();
    ledger.begin(cursor);
    long missing = sequences.lastGapEvents();
    if (gapIsOpen && cursor.eventCount() == 0) {
      noteGap(ledger, missing, lastHeader.watermarkNanos());
    }
    while (isLive() && cursor.next()) {
      if (gapIsOpen) {
        noteGap(ledger, missing, cursor.timeNanos());
        gapIsOpen = false;
      }
      applyEvent(ledger, cursor);
    }
    boundedSizes = ledger.boundedSizes();
    if (isLive()) {
      if (ledger.end()) {
        ticks.endSilence();
        ledger.giveUp(eventNanos);
      }
      if (lastHeader.watermarkNanos() > eventNanos) {
        advance(lastHeader.watermarkNanos());
      }
      if (cursor.eventCount() == 0) {
        ledger.rest();
      }
    }
  }

  /**
   * Every block from before the gap is in doubt, also one whose stamp is later than that of the
   * first event after the gap: the ring's order, not the stamps, says what came before.
   */
  private void noteGap(LaneLedger ledger, long events, long toNanos) {
    ledger.lost(events, Math.max(eventNanos, toNanos));
    tellLost(events, eventNanos);
  }

  private void applyEvent(LaneLedger ledger, EventCursor cursor) {
    long time = cursor.timeNanos();
    if (cursor.code() == EventCodes.LOST) {
      noteLoss(ledger, cursor, Math.min(cursor.value(1), time));
    }
    if (isNews(time) && !advance(time)) {
      return;
    }
    if (observer != null) {
      ledger.birthsAreAsked(observer.event(eventNanos));
    }
    if (cursor.code() == EventCodes.MARK) {
      marks.mark(cursor.label(), time);
    }
    switch (ledger.apply(cursor)) {
      case GOES_ON -> {}
      case ENDED -> {
        state(Occasion.FINAL, ticks.next(), 0, eventNanos, null);
        ledger.release();
        life = new LaneLife.Ended(isStatedAgain() ? ledger : null);
      }
      case NOT_UNDERSTOOD -> noteUnknown(ledger, cursor.code());
    }
  }

  /**
   * What is not understood may have freed any block of the lane, so it is as if it had been lost;
   * unless its code says that it is about no block.
   */
  private void noteUnknown(LaneLedger ledger, int code) {
    unknownEvents++;
    if (EventCodes.isAboutBlocks(code)) {
      ledger.lost(1, eventNanos);
    }
  }

  /** A loss is as an event at the beginning of its window: the ticks before it know nothing. */
  private void noteLoss(LaneLedger ledger, EventCursor cursor, long fromNanos) {
    if (isAsked(fromNanos)) {
      if (isNews(fromNanos)) {
        passTicks(fromNanos);
      }
      ledger.lost(cursor.value(0), cursor.value(2));
      tellLost(cursor.value(0), Math.max(eventNanos, fromNanos));
    }
  }

  private void tellLost(long events, long atNanos) {
    if (observer != null) {
      observer.lost(events, atNanos);
    }
  }

  /** Whether event time was never as late as this. */
  private boolean isNews(long momentNanos) {
    return momentNanos > eventNanos || life instanceof LaneLife.Waiting;
  }

  /** Moves event time forward; false if that is behind the asked moment. */
  private boolean advance(long toNanos) {
    if (!isAsked(toNanos)) {
      passTicks(options.untilNanos() + 1);
      life = new LaneLife.Stopped(life.ledger());
      return false;
    }
    passTicks(toNanos);
    eventNanos = Math.max(eventNanos, toNanos);
    if (life instanceof LaneLife.Waiting waiting) {
      life = new LaneLife.Running(waiting.ledger());
    }
    return true;
  }

  private boolean isAsked(long momentNanos) {
    return options.untilNanos() == null || momentNanos <= options.untilNanos();
  }

  private void passTicks(long momentNanos) {
    if (life instanceof LaneLife.Waiting) {
      ticks.begin(lastHeader.laneCount(), momentNanos);
    }
    ticks.pass(momentNanos);
  }

  private void state(Occasion occasion, long first, long last, long momentNanos, String marker) {
    boolean timed = lastHeader.tickNanos() > 0;
    boolean isOver = occasion == Occasion.FINAL || life instanceof LaneLife.Ended;
    LaneBooks books = books();
    listener.statement(
        new LaneStatement(
            LaneStatement.Lane.of(lastHeader),
            new LaneStatement.Moment(
                occasion, marker, first, last, timed ? momentNanos : null, ticks.heldFrom()),
            books == null ? null : books.totals(lastHeader),
            books == null ? List.of() : books.stacks(momentNanos, lastHeader, isOver)));
  }

  /**
   * All that the lane amounts to as of its last event, with every stack, as a query over its
   * batches would find; changes nothing, whoever asks. Null when no batch came, or it is over.
   */
  public LaneStatement whole() {
    if (lastHeader == null || lastHeader.isMarker() || ended() || books() == null) {
      return null;
    }
    boolean timed = lastHeader.tickNanos() > 0;
    return new LaneStatement(
        LaneStatement.Lane.of(lastHeader),
        new LaneStatement.Moment(Occasion.MARKER, null, 0, 0, timed ? eventNanos : null),
        books().totals(lastHeader),
        books().everyStack(eventNanos, lastHeader));
  }

  /** Writes everything that later batches and statements depend on. */
  public void snapshotTo(SnapshotOut out) {
    out.put(SNAPSHOT_VERSION);
    sequences.snapshotTo(out);
    out.put(lastHeader == null ? new byte[0] : EventBatchCodec.withoutEvents(lastHeader));
    ticks.snapshotTo(out);
    out.put(eventNanos);
    out.put(boundedSizes);
    out.put(unknownEvents);
    out.put(gapIsOpen);
    out.put(life.code());
    out.put(life.ledger() != null);
    if (life.ledger() != null) {
      life.ledger().snapshotTo(out);
    }
    ticks.held().snapshotTo(out);
  }

  /** Takes the state that was written; the lane must be new, and have the same options. */
  public void restoreFrom(SnapshotIn in) {
    int version = in.getVersion(SNAPSHOT_VERSION, "lane");
    sequences.restoreFrom(in);
    lastHeader = header(in.getBytes());
    ticks.restoreFrom(in);
    eventNanos = in.getLong();
    boundedSizes = in.getLong();
    unknownEvents = in.getLong();
    gapIsOpen = in.getBoolean();
    int code = in.getInt();
    LaneLedger ledger = null;
    if (in.getBoolean()) {
      ledger = new LaneLedger(options, budget);
      ledger.restoreFrom(in);
    }
    life = LaneLife.of(code, ledger);
    if (version > 1) {
      ticks.held().restoreFrom(in);
    }
  }

  private static BatchHeader header(byte[] message) {
    if (message.length == 0) {
      return null;
    }
    try {
      return EventBatchCodec.read(message, new EventCursor());
    } catch (MalformedBatchException e) {
      throw new UnreadableSnapshotException("a lane's header: " + e.getMessage(), e);
    }
  }
}
