package io.unfreed.server.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.unfreed.schemas.Process;
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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Many stacks over time, in little memory. */
class TimelineTest {
  private static final int STACKS = 300;
  private static final long SECOND = 1_000_000_000L;
  private static final int LARGE = 7;

  @Test
  void shouldLetTheSmallestStacksShareALineWhenThereIsNoRoomForAll() throws Exception {
    Timeline bounded = timeline(new TimelineWatch(20_000));
    Timeline unbounded = timeline(new TimelineWatch(Long.MAX_VALUE));

    assertThat(unbounded.stacks().words()).isGreaterThan(100_000);
    assertThat(bounded.stacks().words()).isLessThanOrEqualTo(20_000);
    Set<Long> own = new HashSet<>();
    Timeline.Lines sums = new Timeline.Lines(bounded.slots(), false);
    bounded
        .stacks()
        .forEach((key, stack) -> {
          own.add(key == null ? -1 : key.stackId().low());
          stack.addTo(sums);
        });
    Timeline.Lines all = new Timeline.Lines(bounded.slots());
    bounded.processes().values().forEach(process -> process.addTo(all));
    assertThat(sums.bytes).isEqualTo(all.bytes);
    assertThat(sums.count).isEqualTo(all.count);
    assertThat(own).contains(-1L, (long) LARGE).hasSizeLessThan(STACKS);
    assertThat(line(bounded)).isEqualTo(line(unbounded));
  }

  /** One question's answer is given to all who asked it, who then add up what they want of it. */
  @Test
  void shouldAddUpTheSameForAllWhoAddUpAtOnce() throws Exception {
    try (ExecutorService askers = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 50; round++) {
        Timeline shared = timeline(new TimelineWatch(Long.MAX_VALUE), 20_000, 1);
        CyclicBarrier together = new CyclicBarrier(2);
        Callable<long[]> asker =
            () -> {
              together.await();
              Timeline.Lines sums = new Timeline.Lines(shared.slots(), false);
              shared.stacks().forEach((key, stack) -> stack.addTo(sums));
              return sums.bytes;
            };
        Timeline.Lines all = new Timeline.Lines(shared.slots());
        shared.processes().values().forEach(process -> process.addTo(all));
        for (Future<long[]> sums : askers.invokeAll(List.of(asker, asker))) {
          assertThat(sums.get()).isEqualTo(all.bytes);
        }
      }
    }
  }

  private static long[] line(Timeline timeline) {
    Timeline.Lines lines = new Timeline.Lines(timeline.slots(), false);
    timeline
        .stacks()
        .forEach((key, stack) -> {
          if (key != null && key.stackId().low() == LARGE) {
            stack.addTo(lines);
          }
        });
    return lines.outstanding().bytes;
  }

  private static Timeline timeline(TimelineWatch watch) throws MalformedBatchException {
    return timeline(watch, STACKS, 200);
  }

  /** Each stack allocates in each of so many seconds; one of them much. */
  private static Timeline timeline(TimelineWatch watch, int stacks, int seconds)
      throws MalformedBatchException {
    StackDictionary dictionary = new StackDictionary();
    for (int stack = 0; stack < stacks; stack++) {
      dictionary.number(new StackId(1, stack));
    }
    EventBatchBuilder events =
        new EventBatchBuilder(
            new EventBatchBuilder.Lane(new LaneKey("s", "7-70", 0), 1, SECOND, false, false),
            new Process(7, 70L, "many", null),
            dictionary);
    LedgerRun run = new LedgerRun(ReportQuery.WHOLE);
    run.watch(watch::watch);
    long address = 16;
    for (int second = 1; second <= seconds; second++) {
      for (int stack = 0; stack < stacks; stack++) {
        if (stack % 1000 == 999) {
          feed(run, events.encode());
        }
        long size = stack == LARGE ? 1_000_000 : 16;
        events.allocate(
            EventCodes.ALLOC_HEAP, second * SECOND + stack, 1, address += 16, size, stack);
      }
      feed(run, events.encode());
    }
    run.finish();
    return watch.end();
  }

  private static void feed(LedgerRun run, EncodedBatch batch) throws MalformedBatchException {
    EventCursor cursor = new EventCursor();
    cursor.reset(batch.body(), 0, batch.body().length);
    run.batch(cursor);
  }
}
