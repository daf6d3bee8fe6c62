package io.unfreed.collector.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Steps are done in order and once, whoever does them. */
class OutboxTest {
  private static final int LARGE = 25 << 20;
  private static final int STEPS = 2_000;

  private final List<Integer> done = Collections.synchronizedList(new ArrayList<>());

  @Test
  void shouldDoStepsInOrderWhenTheGiverHasToHelp() throws Exception {
    try (Outbox outbox = new Outbox(null, 0)) {
      for (int i = 0; i < STEPS; i++) {
        int step = i;
        outbox.give(_ -> done.add(step), i % 3 == 0 ? LARGE : 1);
      }
      outbox.closeOrThrow();
    }

    assertThat(done).isEqualTo(IntStream.range(0, STEPS).boxed().toList());
  }

  @Test
  void shouldDoEachStepOnceWhenClosedWhileOneIsBeingDone() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    List<Thread> by = Collections.synchronizedList(new ArrayList<>());
    Outbox outbox = new Outbox(null, 0);
    outbox.give(_ -> awaits(begun, held, by), 1);
    begun.await();
    outbox.give(_ -> by.add(Thread.currentThread()), 1);
    Thread closing = Thread.ofPlatform().start(outbox::close);
    held.countDown();
    closing.join();

    assertThat(by).hasSize(2);
    assertThat(by.getFirst().getName()).isEqualTo("unfreed-outbox");
    assertThat(outbox.failure()).isNull();
  }

  @Test
  void shouldDropWhatFollowsAndNotHoldUpTheGiverWhenAStepFails() {
    Outbox outbox = new Outbox(null, 0);
    outbox.give(_ -> fails("no space left"), LARGE);
    for (int i = 0; i < STEPS; i++) {
      outbox.give(_ -> done.add(0), LARGE);
    }

    assertThatThrownBy(outbox::closeOrThrow)
        .isInstanceOf(IOException.class)
        .hasMessage("no space left");
    assertThat(done).isEmpty();
  }

  @Test
  void shouldDoNothingMoreWhenAStepFailsWhileOthersWaitForTheirTurn() throws Exception {
    for (int round = 0; round < STEPS; round++) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch held = new CountDownLatch(1);
      Outbox outbox = new Outbox(null, 0);
      outbox.give(
          _ -> {
            awaits(begun, held, new ArrayList<>());
            fails("no space left");
          },
          1);
      begun.await();
      outbox.give(_ -> done.add(0), 1);
      Thread closing = Thread.ofPlatform().start(outbox::close);
      while (closing.getState() == Thread.State.RUNNABLE) {
        Thread.onSpinWait();
      }
      held.countDown();
      closing.join();
      assertThat(outbox.failure()).hasMessage("no space left");
    }

    assertThat(done).isEmpty();
  }

  private static void awaits(CountDownLatch begun, CountDownLatch held, List<Thread> by) {
    by.add(Thread.currentThread());
    begun.countDown();
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void fails(String why) throws IOException {
    throw new IOException(why);
  }
}
