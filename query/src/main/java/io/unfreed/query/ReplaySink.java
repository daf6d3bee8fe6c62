package io.unfreed.query;

import io.unfreed.collector.sink.ForwardingSink;
import io.unfreed.collector.sink.RecordingSink;
import io.unfreed.schemas.CallStack;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.schemas.wire.ByteCursor;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventBatchCodec;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.streams.ledger.Sums;
import io.unfreed.streams.query.Mark;
import io.unfreed.streams.query.MissingTails;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** Passes a recording on and remembers what is needed to ask about it and to print the answer. */
public final class ReplaySink extends ForwardingSink {
  private final Consumer<Session> check;
  private final StackBook stacks = new StackBook();
  private final Map<String, Session> sessions = new LinkedHashMap<>();

  /** Sessions whose end is in what was passed on; others may have more of it. */
  private final Set<String> ended = new HashSet<>();

  private final Map<String, Session> published = new HashMap<>();
  private final Map<LaneKey, EncodedBatch> lastBatches = new LinkedHashMap<>();
  private final MarkBook marks = new MarkBook();
  private final String token = UUID.randomUUID().toString();

  /**
   * A sink that has passed nothing on yet.
   *
   * @param check refuses a session that cannot answer what is asked
   * @param published sessions that are there already
   */
  public ReplaySink(RecordingSink target, Consumer<Session> check, List<Session> published) {
    super(target);
    this.check = check;
    published.forEach(session -> this.published.put(session.getSessionId(), session));
  }

  /** A cut file does not open a session again of which the whole was published. */
  @Override
  public void session(Session session) throws IOException {
    check.accept(session);
    Session before = published.get(session.getSessionId());
    Session now = KnownSessions.merged(before, session);
    if (session.getEnd() != null) {
      ended.add(session.getSessionId());
    }
    sessions.put(now.getSessionId(), now);
    if (!now.equals(before)) {
      super.session(now);
      published.put(now.getSessionId(), now);
    }
  }

  @Override
  public void stack(CallStack stack) throws IOException {
    stacks.add(stack);
    super.stack(stack);
  }

  @Override
  public void batch(EncodedBatch batch) throws IOException {
    lastBatches.merge(
        batch.key(), batch, (known, later) -> later.sequence() >= known.sequence() ? later : known);
    marks.add(batch);
    super.batch(batch);
  }

  /** Named moments of what was published. */
  public Collection<Mark> marks() {
    return marks.marks();
  }

  /**
   * Asks every lane of the incarnations given so far, also those of which no batch came: an
   * incarnation is answered when all of its lanes were asked. A lane that is known to miss its last
   * batches is told how many events it had.
   */
  public void mark() throws IOException {
    Map<LaneKey, BatchHeader> headers = new LinkedHashMap<>();
    for (EncodedBatch last : lastBatches.values()) {
      headers.put(last.key(), header(last));
    }
    for (BatchHeader known : List.copyOf(headers.values())) {
      for (int lane = 0; lane < known.laneCount(); lane++) {
        BatchHeader ofLane = known.ofLane(lane);
        headers.putIfAbsent(ofLane.key(), ofLane);
      }
    }
    Map<LaneKey, Long> events = eventsOfCutLanes();
    for (BatchHeader header : headers.values()) {
      super.batch(EventBatchBuilder.marker(header, token, events.getOrDefault(header.key(), 0L)));
    }
  }

  private Map<LaneKey, Long> eventsOfCutLanes() throws IOException {
    Map<LaneKey, Long> events = new HashMap<>();
    for (Map.Entry<String, Map<LaneKey, MissingTails.Extent>> one : extents().entrySet()) {
      if (sessions.containsKey(one.getKey())) {
        MissingTails.of(sessions.get(one.getKey()), one.getValue().values())
            .forEach((lane, missing) ->
                events.put(lane, Sums.of(one.getValue().get(lane).events(), missing)));
      }
    }
    return events;
  }

  /**
   * Events of a session that are in none of its lanes, of processes that are not there at all; none
   * where its end was not passed on, as what is missing here may have been published before.
   */
  public long untoldEvents(Session session) throws IOException {
    if (!ended.contains(session.getSessionId())) {
      return 0;
    }
    Map<LaneKey, MissingTails.Extent> lanes =
        extents().getOrDefault(session.getSessionId(), Map.of());
    return MissingTails.untold(session, lanes.values());
  }

  private Map<String, Map<LaneKey, MissingTails.Extent>> extents() throws IOException {
    Map<String, Map<LaneKey, MissingTails.Extent>> extents = new HashMap<>();
    for (EncodedBatch last : lastBatches.values()) {
      extents
          .computeIfAbsent(last.key().session(), id -> new HashMap<>())
          .put(last.key(), extent(last));
    }
    return extents;
  }

  /** Of a batch that cannot be decoded nothing is known but what came before it. */
  private static MissingTails.Extent extent(EncodedBatch last) throws IOException {
    long before = header(last).firstOrdinal();
    try {
      return new MissingTails.Extent(last.key(), Sums.of(before, last.eventCount()), ends(last));
    } catch (MalformedBatchException e) {
      return new MissingTails.Extent(last.key(), before, false);
    }
  }

  private static boolean ends(EncodedBatch batch) throws MalformedBatchException {
    EventCursor cursor = new EventCursor();
    cursor.reset(batch.body(), 0, batch.body().length);
    boolean ends = false;
    while (!ends && cursor.next()) {
      ends = cursor.code() == EventCodes.EXIT || cursor.code() == EventCodes.END;
    }
    return ends;
  }

  /** What the asked reports carry. */
  public String token() {
    return token;
  }

  /** Keys of the incarnations that were published. */
  public Set<String> incarnations() {
    Set<String> keys = new LinkedHashSet<>();
    lastBatches.keySet().forEach(lane -> keys.add(lane.incarnationKey()));
    return keys;
  }

  public Collection<Session> sessions() {
    return sessions.values();
  }

  public StackBook stacks() {
    return stacks;
  }

  private static BatchHeader header(EncodedBatch batch) throws IOException {
    ByteCursor cursor = new ByteCursor();
    cursor.reset(batch.body(), 0, batch.body().length);
    try {
      return EventBatchCodec.skip(cursor);
    } catch (MalformedBatchException e) {
      throw new IOException(
          "batch " + batch.sequence() + " of " + batch.key() + ": " + e.getMessage(), e);
    }
  }
}
