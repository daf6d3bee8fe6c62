package io.unfreed.streams.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Session;
import io.unfreed.schemas.SessionEnd;
import io.unfreed.schemas.Source;
import io.unfreed.schemas.topic.LaneKey;
import io.unfreed.schemas.wire.BatchHeader;
import io.unfreed.streams.lane.LaneBlocks;
import io.unfreed.streams.lane.LaneWatcher;
import io.unfreed.streams.ledger.SizeRange;
import io.unfreed.streams.query.LedgerRun;
import io.unfreed.streams.query.ReportQuery;
import io.unfreed.streams.query.RunCheckpoint;
import io.unfreed.streams.report.IncarnationReport;
import io.unfreed.streams.window.BlockQuestion;
import io.unfreed.streams.window.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random questions that go on from any checkpoint of a reading of all, and end where nothing more
 * counts, against the same ones from the beginning to the end.
 */
class CheckpointModelTest {
  private static final int SEQUENCES = Integer.getInteger("unfreed.sequences", 1000);
  private static final int QUESTIONS = 6;
  private static final long SEED = Long.getLong("unfreed.seed", 4711);

  /** Somebody who sees every block, as a timeline does. */
  private record Everything() implements LaneWatcher {
    @Override
    public void sees(LaneBlocks blocks) {}

    @Override
    public boolean event(long eventNanos) {
      return true;
    }

    @Override
    public void opened(Block block) {}

    @Override
    public void shrunk(Block left, long bytes) {}

    @Override
    public void closed(Block block, Why why, int releaser, long timeNanos) {}
  }

  private record At(int messages, RunCheckpoint checkpoint) {}

  @Test
  void shouldAnswerFromAnyCheckpointAsFromTheBeginning() {
    int fromCheckpoints = 0;
    int cutShort = 0;
    for (int i = 0; i < SEQUENCES; i++) {
      Random random = new Random(SEED + i);
      List<RandomLane> lanes = QueryModelTest.lanes(random, i);
      List<byte[]> messages = QueryModelTest.interleave(random, lanes);
      Session session = session(random);
      LedgerRun whole = new LedgerRun(ReportQuery.WHOLE);
      whole.watch(lane -> new Everything());
      List<At> places = read(random, messages, whole);
      Map<LaneKey, BatchHeader> lastHeaders = whole.lastHeaders();
      for (int k = 0; k < QUESTIONS; k++) {
        ReportQuery query = query(random, lanes);
        LedgerRun expected = new LedgerRun(query);
        expected.session(session);
        List<IncarnationReport> reports = Script.feed(messages, expected).finish();
        for (At at : places) {
          if (!at.checkpoint().isEnoughFor(query)) {
            continue;
          }
          LedgerRun run = new LedgerRun(query);
          run.session(session);
          run.goOn(at.checkpoint());
          int next = at.messages();
          while (next < messages.size() && !run.isAnswered(lastHeaders.keySet())) {
            run.batch(Script.cursor(messages.get(next++)));
          }
          run.passOver(lastHeaders);
          String what = "seed " + (SEED + i) + " from " + at.messages() + ": " + query;
          assertThat(run.finish()).as(what).isEqualTo(reports);
          assertThat(run.marks()).as(what).containsExactlyElementsOf(expected.marks());
          for (IncarnationReport report : reports) {
            assertThat(run.chosen(report)).as(what).isEqualTo(expected.chosen(report));
          }
          fromCheckpoints++;
          cutShort += next < messages.size() ? 1 : 0;
        }
      }
    }
    assertThat(fromCheckpoints).isGreaterThan(SEQUENCES);
    assertThat(cutShort).isGreaterThan(SEQUENCES / 10);
    System.out.printf(
        "checkpoints: seeds %d + 0 .. %d, %d answers, %d of them cut short%n",
        SEED, SEQUENCES - 1, fromCheckpoints, cutShort);
  }

  private static List<At> read(Random random, List<byte[]> messages, LedgerRun whole) {
    List<At> places = new ArrayList<>();
    for (int next = 0; next < messages.size(); next++) {
      if (random.nextInt(4) == 0) {
        places.add(new At(next, whole.checkpoint()));
      }
      whole.batch(Script.cursor(messages.get(next)));
    }
    places.add(new At(messages.size(), whole.checkpoint()));
    return places;
  }

  private static Session session(Random random) {
    SessionEnd end = random.nextBoolean() ? null : new SessionEnd(1200L, 500L, 500L, 0L, Map.of());
    return Session.newBuilder()
        .setSessionId("s")
        .setSource(Source.EBPF)
        .setTickNanos(100)
        .setFreeStacks(random.nextBoolean())
        .setEnd(end)
        .build();
  }

  /** What a page asks, and anything. */
  private static ReportQuery query(Random random, List<RandomLane> lanes) {
    boolean timed = lanes.getFirst().delivered().tick() > 0;
    Long at = timed && random.nextInt(4) > 0 ? (Long) (long) random.nextInt(900) : null;
    return switch (random.nextInt(4)) {
      case 0 -> new ReportQuery(SizeRange.ALL, 0, at, null);
      case 1 ->
          new ReportQuery(
              SizeRange.ALL, 0, at, null, blocks(Window.ALWAYS, null, dimension(random)));
      case 2 -> {
        long from = random.nextInt(600);
        Window born = new Window(from, from + 1 + random.nextInt(500));
        Window freed = random.nextInt(3) == 0 ? new Window(from, from + 300) : null;
        yield new ReportQuery(SizeRange.ALL, 0, at, null, blocks(born, freed, dimension(random)));
      }
      default -> WindowModelTest.query(random, lanes);
    };
  }

  private static BlockQuestion.Dimension dimension(Random random) {
    BlockQuestion.Dimension[] all = BlockQuestion.Dimension.values();
    return random.nextBoolean() ? BlockQuestion.Dimension.NONE : all[random.nextInt(all.length)];
  }

  private static BlockQuestion blocks(
      Window born, Window freed, BlockQuestion.Dimension dimension) {
    return new BlockQuestion(born, freed, SizeRange.ALL, 0, dimension);
  }
}
