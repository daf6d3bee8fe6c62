package io.unfreed.server.answer;

import io.unfreed.schemas.Process;
import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.stack.StackId;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.EncodedBatch;
import io.unfreed.schemas.wire.EventBatchBuilder;
import io.unfreed.schemas.wire.EventCodes;
import io.unfreed.schemas.wire.EventCursor;
import io.unfreed.schemas.wire.MalformedBatchException;
import io.unfreed.schemas.wire.StackDictionary;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.report.IncarnationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A session that goes on batch by batch, made at random: processes that come and end, one of two
 * lanes, blocks, mappings that shrink, execs, losses and gaps, at paces that change a millionfold.
 */
final class RandomSession {
  static final String ID = "random";
  static final long TICK_NANOS = 60_000_000_000L;
  private static final int STACKS = 40;
  private static final int ADDRESSES = 200;

  private final Random random;
  private final StackDictionary dictionary = new StackDictionary();
  private final List<Lane> lanes = new ArrayList<>();
  private final List<EncodedBatch> batches = new ArrayList<>();
  private long nowNanos;
  private int processes;
  private Session session = session(null);

  /**
   * What a reading of everything so far finds.
   *
   * @param reading with reports, marks and a timeline that is counted from all events
   * @param standing as its reports have it
   */
  record Exact(Reading reading, Standing standing) {
    Timeline timeline() {
      return reading.sessions().getFirst().timeline();
    }
  }

  RandomSession(long seed) {
    random = new Random(seed);
    for (int stack = 0; stack < STACKS; stack++) {
      dictionary.number(new StackId(1, stack));
    }
    begins(2);
    begins(1);
  }

  private void begins(int laneCount) {
    int tgid = 7 + processes++;
    for (int lane = 0; lane < laneCount; lane++) {
      lanes.add(
          new Lane(
              new EventBatchBuilder(
                  new EventBatchBuilder.Lane(
                      new LaneKey(ID, tgid + "-70", lane), laneCount, TICK_NANOS, false, false),
                  new Process(tgid, 70L, "random", null),
                  dictionary),
              16L * ADDRESSES * lane));
    }
  }

  /** So many more batches, at one pace. */
  void more(int number) {
    long pace = 1L << random.nextInt(28);
    for (int i = 0; i < number; i++) {
      if (random.nextInt(20) == 0 && processes < 6) {
        begins(1);
      }
      Lane lane = lanes.get(random.nextInt(lanes.size()));
      for (int events = random.nextInt(60); events > 0; events--) {
        nowNanos += random.nextLong(pace);
        lane.event();
      }
      boolean ends = lanes.size() > 3 && random.nextInt(30) == 0;
      if (ends) {
        lane.builder.plain(EventCodes.EXIT, nowNanos, 1);
        lanes.remove(lane);
      }
      EncodedBatch batch = lane.builder.encode();
      if (ends || random.nextInt(15) > 0) {
        batches.add(batch);
      }
    }
  }

  /** Nothing happens until then. */
  void quietFor(long nanos) {
    nowNanos += nanos;
    for (Lane lane : lanes) {
      lane.builder.watermark(nowNanos);
      batches.add(lane.builder.encode());
    }
  }

  /** All of it ends. */
  void end() {
    for (Lane lane : lanes) {
      lane.builder.end(nowNanos + 1, 0, 0);
      batches.add(lane.builder.encode());
    }
    session = session(new SessionEnd(nowNanos + 1, 0L, 0L, 0L, Map.of()));
  }

  private static Session session(SessionEnd end) {
    return Session.newBuilder()
        .setSessionId(ID)
        .setSource(Source.EBPF)
        .setTickNanos(TICK_NANOS)
        .setEnd(end)
        .build();
  }

  Exact exact() throws MalformedBatchException {
    return exact(0, Timeline.MOST_WORDS);
  }

  /**
   * The same of what is left without the first batches.
   *
   * @param mostWords for the lines of stacks
   */
  Exact exact(int forgotten, long mostWords) throws MalformedBatchException {
    TimelineWatch watch = new TimelineWatch(mostWords);
    LedgerRun run = new LedgerRun(ReportQuery.WHOLE);
    run.session(session);
    run.watch(watch::watch);
    EventCursor cursor = new EventCursor();
    for (EncodedBatch batch : batches.subList(forgotten, batches.size())) {
      cursor.reset(batch.body(), 0, batch.body().length);
      run.batch(cursor);
    }
    List<IncarnationReport> reports = run.finish();
    Reading.OfSession of =
        new Reading.OfSession(
            session, reports, List.copyOf(run.marks()), null, Map.of(), watch.end(), null);
    return new Exact(
        new Reading(List.of(of), new io.unfreed.query.StackBook()), Standing.of(reports));
  }

  private final class Lane {
    private final EventBatchBuilder builder;
    private final long firstAddress;

    Lane(EventBatchBuilder builder, long firstAddress) {
      this.builder = builder;
      this.firstAddress = firstAddress;
    }

    private void event() {
      long address = firstAddress + 0x1000 + 16L * random.nextInt(ADDRESSES);
      long page = 0x10_000_000 + 0x4000L * random.nextInt(20);
      int thread = 1 + random.nextInt(3);
      int stack = Math.min(random.nextInt(STACKS), random.nextInt(STACKS));
      int dice = random.nextInt(1000);
      if (dice < 450) {
        long size = random.nextInt(100 * (stack + 1));
        builder.allocate(EventCodes.ALLOC_HEAP, nowNanos, thread, address, size, stack);
      } else if (dice < 850) {
        builder.release(EventCodes.FREE_HEAP, nowNanos, thread, address);
      } else if (dice < 900) {
        builder.allocate(EventCodes.MAP, nowNanos, thread, page, 0x4000, stack);
      } else if (dice < 950) {
        long length = 0x1000L * (1 + random.nextInt(4));
        builder.releaseRange(EventCodes.UNMAP, nowNanos, thread, page, length);
      } else if (dice < 990) {
        builder.release(EventCodes.INTENT_HEAP, nowNanos, thread, address);
        builder.allocate(EventCodes.OUTCOME_HEAP, nowNanos, thread, address + 8, 5, stack);
      } else if (dice < 996) {
        builder.lost(nowNanos, 3, Math.max(0, nowNanos - 50), nowNanos);
      } else if (dice < 998) {
        builder.labelled(EventCodes.MARK, nowNanos, thread, "mark");
      } else {
        builder.labelled(EventCodes.EXEC, nowNanos, thread, "again");
      }
    }
  }
}
